"""Queue work of the backup: it only starts processes, for a job of the queue ends in a minute."""

import subprocess
import sys
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from yuanhang.backup import backups, notifications
from yuanhang.core.erasures import erasures
from yuanhang.core.jobs import job
from yuanhang.core.models import AuditEvent

# A run a day, and each may be late.
TOO_OLD = timedelta(hours=50)
MONTH = timedelta(days=28)


_started: list[subprocess.Popen] = []


def start(*arguments: str) -> None:
    """Start a command that goes on by itself; it ends with the queue's processes."""
    _started[:] = [one for one in _started if one.poll() is None]
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), *arguments]
    _started.append(subprocess.Popen(command, stdin=subprocess.DEVNULL))


@job
def back_up_daily():
    """Start the day's backup; administrators hear of it when there was none for two days."""
    if not settings.BACKUP_DAILY:
        return 0
    found = backups.of_folder(settings.BACKUP_DIR)
    if found and found[-1].at < timezone.now() - TOO_OLD:
        notifications.notify_late(found[-1].at)
    start("backup", "--daily")
    return 1


@job
def try_restore_monthly():
    """Start a restore of the newest backup into a scratch database when none was tried lately."""
    if not settings.BACKUP_DAILY or not backups.of_folder(settings.BACKUP_DIR):
        return 0
    tried = AuditEvent.objects.filter(kind="backup.try_restore")
    if tried.filter(at__gt=timezone.now() - MONTH).exists():
        return 0
    start("restore_test")
    return 1


@job
def settle_erasures():
    """Take back what was noted but not erased, after a crash or a rollback."""
    return erasures.settle()
