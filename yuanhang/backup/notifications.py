"""What administrators are told of backups."""

from datetime import datetime

from django.utils import timezone

from yuanhang.core.models import User
from yuanhang.core.outbox import notices


def _administrators():
    return User.objects.filter(is_superuser=True, is_active=True)


def _send(kind: str, context: dict) -> None:
    # One of a kind a day: what fails again the same day is no news.
    key = f"backup:{kind}:{timezone.localdate():%Y%m%d}"
    notices.send(_administrators(), f"backup.{kind}", key=key, context=context)


def notify_failed(reason: str) -> None:
    """The day's backup was not made."""
    _send("failed", {"reason": reason, "today": timezone.localtime()})


def notify_late(newest: datetime) -> None:
    """There was no backup for days, however the runs ended."""
    _send("late", {"newest": newest})


def notify_tried(at: datetime, *, rows: int, files: int, minutes: int) -> None:
    """A backup was restored into a scratch database, and everything was there."""
    _send("restore_tried", {"at": at, "rows": rows, "files": files, "minutes": minutes})


def notify_not_restored(at: datetime, reason: str) -> None:
    """A backup could not be restored."""
    _send("restore_failed", {"at": at, "reason": reason})
