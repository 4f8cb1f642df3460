"""`manage.py restore FILE`: everything of a backup, without what was erased since."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from yuanhang.backup import archive, restores
from yuanhang.backup.archive import BackupError
from yuanhang.backup.key_file import add_key_option, key_of


class Command(BaseCommand):
    """Restore into an empty database, or check that a file is whole."""

    help = "Restores a backup into an empty database, all of it or nothing."
    # The database may have no tables yet.
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("file")
        add_key_option(parser)
        parser.add_argument(
            "--check", action="store_true", help="Only read it and compare digests."
        )
        parser.add_argument(
            "--replace", action="store_true", help="Remove what our tables hold before."
        )
        parser.add_argument(
            "--erasures",
            action="append",
            default=[],
            metavar="FILE",
            help="A further list of what was erased, beside that in BACKUP_DIR and that beside"
            " the backup.",
        )
        parser.add_argument(
            "--forget-nothing",
            action="store_true",
            help="Ask no list: people who were erased since come back.",
        )

    def handle(self, *args, **options):
        place, key = Path(options["file"]), key_of(options)
        try:
            if options["check"]:
                said = archive.read_manifest(place, key)
                self.stdout.write(f"{place.name} is whole; it holds {said['at']}.")
                return
            done = restores.restore(
                place,
                key=key,
                lists=[Path(name) for name in options["erasures"]],
                replace=options["replace"],
                forgets=not options["forget_nothing"],
            )
        except (BackupError, OSError) as error:
            raise CommandError(f"Nothing was restored: {error}") from None
        self.stdout.write(
            f"Restored as of {done.at:%Y-%m-%d %H:%M:%S} UTC: {done.rows} rows, {done.files} files;"
            f" {done.erased} rows erased again."
        )
        for name in done.missing:
            self.stderr.write(f"The backup had no file of this name: {name}")
        for row in done.held:
            self.stderr.write(f"Could not be deleted again, because others hang on it: {row}")
