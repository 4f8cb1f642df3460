"""The background jobs of this app, reconciled after each migrate."""

from django.utils.translation import gettext_lazy as _

from yuanhang.core.jobs import ScheduledJob

SCHEDULED_JOBS = [
    ScheduledJob(
        "hazards.deadline_reminders.tasks.remind_of_deadlines",
        minutes=5,
        words=_("提醒快到期和超时的隐患"),
    ),
    ScheduledJob(
        "hazards.deadline_reminders.tasks.look_after_standstills",
        minutes=30,
        words=_("看一遍停着的隐患"),
    ),
    ScheduledJob(
        "hazards.cases.tasks.sweep_recordings",
        minutes=5,
        words=_("整理还没转好的语音"),
    ),
    ScheduledJob(
        "hazards.roads.tasks.tell_of_roads",
        minutes=10,
        words=_("告诉常跑的人路上有什么"),
    ),
]
