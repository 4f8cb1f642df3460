"""The background jobs of this app, reconciled after each migrate."""

from yuanhang.core.jobs import ScheduledJob

SCHEDULED_JOBS = [
    ScheduledJob("volunteers.activities.tasks.advance_waitlists", minutes=1),
    ScheduledJob("volunteers.activities.tasks.remind", minutes=10),
    ScheduledJob("volunteers.record.tasks.settle_sessions", minutes=60),
    ScheduledJob("volunteers.record.tasks.warn_expiries", minutes=1440),
    ScheduledJob("volunteers.errands.tasks.move_errands", minutes=1),
    ScheduledJob("volunteers.errands.tasks.repeat_errands", minutes=60),
]
