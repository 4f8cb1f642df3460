"""The queue's table as django-q reads and fills it, with three rules of ours."""

import logging
from time import monotonic, sleep

from django.utils import timezone
from django_q.brokers.orm import ORM
from django_q.conf import Conf
from django_q.signing import SignedPackage

from yuanhang.core import jobs

logger = logging.getLogger(__name__)

LOOK_SECONDS = 10  # between looks at what a clock that was set back has put off


class QueueBroker(ORM):
    """First come, first served; and a scheduled job that still waits is not queued once more.

    Otherwise a queue that was held up for an hour finds sixty copies of each minute's job.
    """

    _next_look = 0.0

    def enqueue(self, task):
        """Queue a package; returns the key of its row, or of the same run that waits already."""
        run = SignedPackage.loads(task).get("group")
        waiting = self._waiting_run(run) if run else None
        return waiting or super().enqueue(task)

    def _waiting_run(self, run):
        """The row of a scheduled job's run (django-q calls it a group) that nobody has begun."""
        rows = self.get_connection().filter(key=self.list_key, lock__lte=timezone.now())
        return next((row.pk for row in rows if row.group() == run), None)

    def _look_at_the_clock(self):
        """A clock that was set back would let the schedules rest until the old time has come."""
        if self.list_key == jobs.CLOCK and monotonic() >= self._next_look:
            self._next_look = monotonic() + LOOK_SECONDS
            if count := jobs.bring_near():
                logger.warning("the clock was set back: %d schedules and calls moved", count)

    def dequeue(self):
        """Take the oldest that is due; django-q takes whatever row the database finds first."""
        due = self.get_connection().filter(key=self.list_key, lock__lt=timezone.now())
        row = due.order_by("pk").first()
        if row is None:
            self._look_at_the_clock()
            sleep(Conf.POLL)
            return None
        # Only if it is still there to take: another process of this queue may be faster.
        mine = self.get_connection().filter(pk=row.pk, lock=row.lock)
        return [(row.pk, row.payload)] if mine.update(lock=self.timeout(row)) else None
