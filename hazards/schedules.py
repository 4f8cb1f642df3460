"""The background jobs of this app, reconciled after each migrate."""

from yuanhang.core.jobs import ScheduledJob

SCHEDULED_JOBS = [
    ScheduledJob("hazards.deadline_reminders.tasks.remind_of_deadlines", minutes=5),
    ScheduledJob("hazards.deadline_reminders.tasks.look_after_standstills", minutes=30),
]
