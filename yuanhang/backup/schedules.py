"""The background jobs of the backup, reconciled after each migrate."""

from datetime import time

from django.utils.translation import gettext_lazy as _

from yuanhang.core.jobs import ScheduledJob

SCHEDULED_JOBS = [
    ScheduledJob(
        "yuanhang.backup.tasks.back_up_daily",
        minutes=24 * 60,
        first=time(4, 0),  # after the night's erasures
        words=_("备份（每天，设了 BACKUP_DIR 才做）"),
    ),
    ScheduledJob(
        "yuanhang.backup.tasks.try_restore_monthly",
        minutes=24 * 60,
        first=time(4, 40),
        words=_("恢复演练（每月一次）"),
    ),
    ScheduledJob(
        "yuanhang.backup.tasks.settle_erasures",
        minutes=60,
        words=_("核对删除清单"),
    ),
]
