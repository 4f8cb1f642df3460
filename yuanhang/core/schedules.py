"""The background jobs of the floor, reconciled after each migrate."""

from datetime import time

from yuanhang.core.jobs import ScheduledJob

SCHEDULED_JOBS = [
    ScheduledJob("yuanhang.core.outbox.tasks.sweep_deliveries", minutes=1),
    ScheduledJob("yuanhang.core.outbox.tasks.purge_deliveries", minutes=24 * 60),
    ScheduledJob("yuanhang.core.tasks.erase_nightly", minutes=24 * 60, first=time(3, 0)),
    ScheduledJob("yuanhang.core.tasks.erase_hourly", minutes=60),
]
