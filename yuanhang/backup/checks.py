"""Checks of the settings of backups."""

from django.conf import settings
from django.core.checks import Error, register

from yuanhang.backup.backups import keep_of
from yuanhang.backup.key_file import SHORTEST


@register()
def backups(app_configs, **kwargs):
    """BACKUP_KEEP must be understood, and BACKUP_KEY too long to be guessed."""
    errors = []
    try:
        keep_of(settings.BACKUP_KEEP)
    except ValueError:
        said = "BACKUP_KEEP must be three numbers, of days, weeks and months, such as 7,4,12."
        errors.append(Error(said, id="backup.E001"))
    if settings.BACKUP_KEY and len(settings.BACKUP_KEY) < SHORTEST:
        said = f"BACKUP_KEY must have {SHORTEST} characters or more."
        errors.append(Error(said, id="backup.E002"))
    return errors
