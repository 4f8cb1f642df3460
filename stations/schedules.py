"""The background jobs of this app, reconciled after each migrate."""

from yuanhang.core.jobs import ScheduledJob

SCHEDULED_JOBS = [
    ScheduledJob("stations.robots.tasks.sweep_robot_messages", minutes=1),
    ScheduledJob("stations.robots.tasks.purge_robot_messages", minutes=1440),
]
