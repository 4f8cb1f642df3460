"""The background jobs of this app, reconciled after each migrate."""

from yuanhang.core.jobs import ScheduledJob

SCHEDULED_JOBS = [
    ScheduledJob("yuanhang.core.outbox.tasks.sweep_deliveries", minutes=1),
]
