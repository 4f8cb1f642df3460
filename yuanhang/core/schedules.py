"""The background jobs of the floor, reconciled after each migrate."""

from datetime import time

from django.utils.translation import gettext_lazy as _

from yuanhang.core.jobs import ScheduledJob

SCHEDULED_JOBS = [
    ScheduledJob(
        "yuanhang.core.outbox.tasks.sweep_deliveries",
        minutes=1,
        words=_("发出等着的通知"),
    ),
    ScheduledJob(
        "yuanhang.core.outbox.tasks.remind_of_unsettled",
        minutes=24 * 60,
        first=time(9, 0),
        words=_("提醒管理员：有短信不知道发没发到"),
    ),
    ScheduledJob(
        "yuanhang.core.outbox.tasks.purge_deliveries",
        minutes=24 * 60,
        words=_("清掉发过的通知记录"),
    ),
    ScheduledJob(
        "yuanhang.core.tasks.erase_nightly",
        minutes=24 * 60,
        first=time(3, 0),
        words=_("按期限删除（每晚）"),
    ),
    ScheduledJob(
        "yuanhang.core.tasks.erase_hourly",
        minutes=60,
        words=_("按期限删除（每小时）"),
    ),
    ScheduledJob(
        "yuanhang.core.tasks.sweep_files",
        minutes=60,
        words=_("清理没人要的文件，查少了的文件"),
    ),
]
