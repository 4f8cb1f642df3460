"""Works the queues: a cluster of processes for each purpose, all copies of one that has loaded."""

import gc
import logging
import os
import signal
import time
from functools import partial
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connections
from django_q import cluster as django_q_cluster
from django_q.cluster import Cluster, Sentinel
from django_q.conf import Conf

from yuanhang.core.jobs import QUEUES
from yuanhang.postgres.base import hold_embedded
from yuanhang.run.forked import ForkedService
from yuanhang.run.supervisor import ServiceFailedError, StopSignals, Supervisor

logger = logging.getLogger(__name__)

# Shorter than the patience of whoever started us: what we leave running would lose its parent.
STOP_SECONDS = 8


class Command(BaseCommand):
    """Run the clusters of all queues, or of those that are named."""

    help = "Works the queues; without names all of them, in one family of processes."

    def add_arguments(self, parser):
        parser.add_argument("queues", nargs="*", metavar="queue", help=f"of {', '.join(QUEUES)}")

    def handle(self, *args, **options):
        names = options["queues"] or QUEUES
        unknown = sorted(set(names) - set(QUEUES))
        if unknown:
            raise CommandError(f"No such queue: {', '.join(unknown)}. Known: {', '.join(QUEUES)}.")
        stop = StopSignals()
        stop.install()
        stop.interrupts = False
        hold_embedded()
        connections.close_all()
        # What is loaded by now is never looked at again, so its memory stays shared.
        gc.collect()
        gc.freeze()
        services = [ForkedService(f"queue {name}", partial(work, name)) for name in names]
        try:
            Supervisor(services, STOP_SECONDS).run(
                is_ready=lambda: True,
                on_ready=lambda: None,
                ready_seconds=STOP_SECONDS,
                should_stop=stop,
            )
        except ServiceFailedError as error:
            raise CommandError(str(error)) from None


def work(name):
    """Be the cluster of one queue, until it is told to stop."""
    become(name)
    leave_nobody_behind()
    django_q_cluster.Sentinel = Guard  # a cluster asks for it by name
    cluster = Cluster()
    cluster.start()
    cluster.sentinel.join()


class Guard(Sentinel):
    """Lets a cluster begin anew where one of its processes was killed.

    Whoever waits at a pipe between them holds its lock, and takes the lock along: a new monitor
    would wait for it for ever, and every call be done again after each `retry`. What was at work is
    done again once, as after any other death of ours.
    """

    def reincarnate(self, process: Any) -> None:
        """As django-q does, for one that ended by itself or took too long."""
        if (process.exitcode or 0) < 0:
            logger.error("a process of the queue was killed: it begins anew")
            os.killpg(os.getpgrp(), signal.SIGKILL)
        super().reincarnate(process)


def leave_nobody_behind():
    """End this cluster hard where it does not end by itself after its parent has gone.

    A sentinel waits without end for a process that cannot stop, such as one that waits for a lock
    of somebody who was killed; whoever looks after us would end that, but may be gone as well.
    A timer and no thread: the cluster forks.
    """
    parent, orphaned_at = os.getppid(), []

    def look(_number, _frame):
        if os.getppid() == parent:
            return
        orphaned_at.append(time.monotonic())
        if time.monotonic() - orphaned_at[0] > STOP_SECONDS:
            os.killpg(os.getpgrp(), signal.SIGKILL)

    signal.signal(signal.SIGALRM, look)
    signal.setitimer(signal.ITIMER_REAL, 1, 1)


def become(name):
    """Configure django-q for this queue, as it does itself in a process that begins with its name.

    It reads its settings once, at the first import, which lies before the fork.
    """
    Conf.CLUSTER_NAME = name
    for setting, value in settings.Q_CLUSTER["ALT_CLUSTERS"].get(name, {}).items():
        setattr(Conf, setting.upper(), value)
