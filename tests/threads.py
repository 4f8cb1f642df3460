"""Two people at the same instant: real threads, each with a connection of its own.

Nobody sleeps in a race. Whoever waits for another goes on when the other has come, or when there
is nothing to wait for: the other is held up by a lock of theirs, or through with it.
"""

import threading
import time

from django.db import connection
from django.db.models import QuerySet

PATIENCE = 20  # seconds; a thread that waits longer is stuck
POLL = 0.02  # seconds between looks at the locks
# A client of this database, by a lock that lasts: a table that is made longer, or a vacuum, holds
# somebody up for a moment, and says nothing of the race.
WAITS_FOR_ME = """
    SELECT EXISTS (
        SELECT FROM pg_locks AS l JOIN pg_stat_activity AS a ON a.pid = l.pid
        WHERE NOT l.granted AND l.locktype IN ('transactionid', 'tuple', 'relation', 'advisory')
            AND a.backend_type = 'client backend' AND a.datname = current_database()
            AND pg_backend_pid() = ANY (pg_blocking_pids(l.pid))
    )
"""
_here = threading.local()


class _Race:
    """Threads that started together: how many, and how many of them are through."""

    def __init__(self, size):
        self.size, self.ended = size, []


def at_once(function, times=2):
    """Call `function` in threads that start together; its results and errors, in no order."""
    start, results, race = threading.Barrier(times), [], _Race(times)

    def run():
        _here.race = race
        try:
            start.wait(timeout=PATIENCE)
            results.append(function())
        except Exception as error:  # a thread's error would pass unseen
            results.append(error)
        finally:
            connection.close()
            race.ended.append(threading.current_thread())

    threads = [threading.Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=PATIENCE)
    return results


def together(*functions):
    """Call each function in a thread of its own; results and errors in the functions' order."""
    found, turn, lock = {}, iter(range(len(functions))), threading.Lock()

    def run():
        with lock:
            index = next(turn)
        try:
            found[index] = functions[index]()
        except Exception as error:
            found[index] = error

    at_once(run, times=len(functions))
    return [found[index] for index in range(len(functions))]


def holds_somebody_up():
    """Whether another connection waits for a lock that this thread's transaction holds."""
    with connection.cursor() as cursor:
        cursor.execute(WAITS_FOR_ME)
        return cursor.fetchone()[0]


def wait_for(event):
    """Wait until the event is set, or cannot be: a lock of ours keeps the other out."""
    _wait(event.wait, others=1)


def wait_until_held_up():
    """Leave room for the others: until they wait for a lock of ours, or are through."""
    _wait(lambda timeout: time.sleep(timeout), others=1)


def _wait(has_come, others):
    """`has_come(timeout=…)` is asked until it is so or nobody is left who could make it so."""
    race, until = _here.race, time.monotonic() + PATIENCE
    while not has_come(timeout=POLL):
        # Who ended in between has come before that.
        if race.size - len(race.ended) <= others or holds_somebody_up():
            return has_come(timeout=0)
        assert time.monotonic() < until, "nobody came, and nobody is held up"
    return True


class Meeting:
    """A point where so many threads wait for each other, as often as they come by together."""

    def __init__(self, times=2):
        self.times, self.present, self.round, self.is_over = times, 0, 0, False
        self.changed = threading.Condition()

    def wait(self):
        """Go on with the others; alone, and from then on, where they cannot come."""
        if not hasattr(_here, "race"):
            return  # whoever arranges or looks afterwards meets nobody
        with self.changed:
            if self.is_over:
                return
            self.present += 1
            if self.present == self.times:
                self.present, self.round = 0, self.round + 1
                self.changed.notify_all()
                return
            mine, present = self.round, self.present

        def has_come(timeout):
            with self.changed:
                return self.changed.wait_for(lambda: self._goes_on(mine), timeout)

        if not _wait(has_come, others=present):
            with self.changed:
                self.is_over = True
                self.changed.notify_all()

    def _goes_on(self, mine):
        return self.round != mine or self.is_over


def meet(monkeypatch, module, name, times=2, *, after=True, when=None):
    """Threads wait for each other at a function, if they can both get there.

    `when` is asked with the function's arguments whether this call is the one to meet at.
    """
    real, meeting = getattr(module, name), Meeting(times)

    def met(*args, **kwargs):
        counts = when is None or when(*args, **kwargs)
        if counts and not after:
            meeting.wait()
        result = real(*args, **kwargs)
        if counts and after:
            meeting.wait()
        return result

    monkeypatch.setattr(module, name, met)


def without_row_locks(monkeypatch):
    """Every FOR UPDATE becomes a plain read."""
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **options: self.all())
