"""The background jobs of the floor, reconciled after each migrate."""

from yuanhang.core.jobs import ScheduledJob

SCHEDULED_JOBS = [
    ScheduledJob("yuanhang.core.outbox.tasks.sweep_deliveries", minutes=1),
    ScheduledJob("yuanhang.core.outbox.tasks.purge_deliveries", minutes=24 * 60),
]
