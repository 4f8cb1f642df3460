"""The background jobs of this app, reconciled after each migrate."""

from datetime import time

from django.utils.translation import gettext_lazy as _

from yuanhang.core.jobs import ScheduledJob

SCHEDULED_JOBS = [
    ScheduledJob(
        "stations.complaints.tasks.remind",
        minutes=24 * 60,
        first=time(9, 0),
        words=_("提醒该答复的投诉建议"),
    ),
    ScheduledJob(
        "stations.faults.tasks.lapse",
        minutes=60,
        words=_("放下很久没人再说的设施问题"),
    ),
    ScheduledJob(
        "stations.keeping.tasks.warn_of_expiry",
        minutes=24 * 60,
        first=time(9, 30),
        words=_("提醒药箱里快过期的"),
    ),
]
