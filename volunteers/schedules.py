"""The background jobs of this app, reconciled after each migrate."""

from django.utils.translation import gettext_lazy as _

from yuanhang.core.jobs import ScheduledJob

SCHEDULED_JOBS = [
    ScheduledJob(
        "volunteers.activities.tasks.advance_waitlists",
        minutes=1,
        words=_("候补往前走"),
    ),
    ScheduledJob(
        "volunteers.activities.tasks.remind",
        minutes=10,
        words=_("活动前提醒"),
    ),
    ScheduledJob(
        "volunteers.activities.tasks.announce",
        minutes=10,
        words=_("告诉想知道的人有新活动"),
    ),
    ScheduledJob(
        "volunteers.activities.tasks.look_for_organisers",
        minutes=1440,
        words=_("看保密活动还有没有组织者"),
    ),
    ScheduledJob(
        "volunteers.record.tasks.settle_sessions",
        minutes=60,
        words=_("到时间确认名单"),
    ),
    ScheduledJob(
        "volunteers.record.tasks.warn_expiries",
        minutes=1440,
        words=_("提醒快到期的技能"),
    ),
    ScheduledJob(
        "volunteers.errands.tasks.move_errands",
        minutes=1,
        words=_("邻里帮忙到点处理"),
    ),
    ScheduledJob(
        "volunteers.errands.tasks.repeat_errands",
        minutes=60,
        words=_("每周的邻里帮忙再来一次"),
    ),
]
