"""`manage.py backup DIR`: rows and files of one instant in one file."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from yuanhang.backup import backups, notifications
from yuanhang.backup.archive import BackupError
from yuanhang.backup.key_file import add_key_option, key_of
from yuanhang.core import audit


class Command(BaseCommand):
    """Make a backup; with `--daily` also delete those that are outdated."""

    help = "Writes rows and files of one instant into one file, while people go on working."

    def add_arguments(self, parser):
        parser.add_argument("folder", nargs="?", help="Where to; by default BACKUP_DIR.")
        add_key_option(parser)
        parser.add_argument(
            "--daily",
            action="store_true",
            help="Then delete what BACKUP_KEEP does not keep; tell administrators of a failure.",
        )

    def handle(self, *args, **options):
        folder = Path(options["folder"] or settings.BACKUP_DIR)
        keep = backups.keep_of(settings.BACKUP_KEEP)
        try:
            made = backups.make(folder, key=key_of(options))
            gone = backups.prune(folder, keep) if options["daily"] else 0
        except (BackupError, OSError) as error:
            if options["daily"]:
                notifications.notify_failed(str(error))
            raise CommandError(f"No backup was made: {error}") from None
        facts = {"rows": made.rows, "files": made.files, "seconds": round(made.seconds)}
        audit.record("backup.make", None, changes=facts)
        size = made.place.stat().st_size / 1e6
        self.stdout.write(
            f"{made.place}: {made.rows} rows, {made.files} files, {size:.1f} MB,"
            f" {made.seconds:.1f} s; {gone} old ones deleted."
        )
        for name in made.missing:
            self.stderr.write(f"The disk had lost this file before: {name}")
        if made.strangers:
            names = ", ".join(made.strangers)
            self.stderr.write(f"Left out, because no table of ours: {names}")
