"""`manage.py restore_test`: the newest backup into a scratch database, and a word of it."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from yuanhang.backup import backups, restore_tests


class Command(BaseCommand):
    """Try the newest backup of BACKUP_DIR."""

    help = "Restores the newest backup into a scratch database and tells the administrators."

    def handle(self, *args, **options):
        found = backups.of_folder(settings.BACKUP_DIR)
        if not found:
            raise CommandError(f"There is no backup in {settings.BACKUP_DIR}.")
        if reason := restore_tests.run(found[-1]):
            raise CommandError(f"{found[-1].place.name} cannot be restored: {reason}")
        self.stdout.write(f"{found[-1].place.name} can be restored.")
