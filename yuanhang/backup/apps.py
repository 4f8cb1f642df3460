"""Backups: made, kept for a while, tried, and restored. No models."""

from django.utils.translation import gettext_lazy as _

from yuanhang.core import rooms


class BackupConfig(rooms.RoomConfig):
    """What is needed when the machine is gone."""

    name = "yuanhang.backup"
    label = "backup"
    verbose_name = _("备份")
    scheduled_jobs = "yuanhang.backup.schedules.SCHEDULED_JOBS"
    trail_words = ("yuanhang.backup.trail.WORDS",)

    def ready(self):
        # The checks register themselves.
        import yuanhang.backup.checks  # noqa: F401
