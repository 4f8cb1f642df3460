"""The background jobs of this app, reconciled after each migrate."""

from django.utils.translation import gettext_lazy as _

from yuanhang.core.jobs import ScheduledJob

SCHEDULED_JOBS = [
    ScheduledJob(
        "workers.help.tasks.move_requests",
        minutes=1,
        words=_("求助到点：放回、问一句、关掉"),
    ),
    ScheduledJob(
        "workers.help.tasks.sweep_recordings",
        minutes=5,
        words=_("整理求助里还没转好的语音"),
    ),
    ScheduledJob(
        "workers.aid.tasks.end_forgotten",
        minutes=1440,
        words=_("结束一年没动静的救助"),
    ),
]
