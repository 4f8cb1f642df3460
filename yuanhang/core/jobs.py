"""Background jobs: queues by purpose, one declared list per app, and one log line a run.

Each purpose has a queue and processes of its own, so that whoever is slow delays only their like: a
chat host that does not answer must not hold up the jobs of the clock.
"""

import functools
import logging
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from datetime import time as clock_time
from typing import Any, ParamSpec, TypeVar

from django.conf import settings
from django.db.models import Count, Min
from django.utils import timezone
from django.utils.module_loading import import_string

logger = logging.getLogger(__name__)

P = ParamSpec("P")
R = TypeVar("R")

# The queues, by purpose. The clock's bears the name of the site: it also looks after schedules.
CLOCK = "yuanhang"  # quick work at its time, in the database alone
OUTSIDE = "outside"  # whatever waits for somebody else's server, such as SMS
CHAT = "chat"  # the chat groups' host, whose slowness must not hold up SMS either
LONG = "long"  # goes through many rows: erasing, exports, a word to a whole community
MEDIA = "media"  # converts sound and pictures
CLOCKS_APART = timedelta(seconds=5)  # as far as the clocks of two machines of ours may be
QUEUES = (CLOCK, OUTSIDE, CHAT, LONG, MEDIA)


@dataclass(frozen=True)
class ScheduledJob:
    """A function without arguments, by its dotted path, and how many minutes lie between runs.

    `first` is the local time of its first run, and so of all that come once a day; `words` say in
    the admin what it does.
    """

    function: str
    minutes: int
    first: clock_time | None = None
    words: Any = ""

    def first_run(self) -> datetime:
        """When it runs for the first time; at once, unless a time is named."""
        now = timezone.localtime()
        if self.first is None:
            return now
        today = now.replace(hour=self.first.hour, minute=self.first.minute, second=0, microsecond=0)
        return today if today > now else today + timedelta(days=1)


def job(function: Callable[P, R]) -> Callable[P, R]:
    """Mark queue work: each run leaves one log line that says what, how many, and how long.

    "How many" is what the function returns; what it is called with may name rows, never people.
    """

    @functools.wraps(function)
    def logged(*args: P.args, **kwargs: P.kwargs) -> R:
        started = time.monotonic()
        count = function(*args, **kwargs)
        name = f"{function.__module__}.{function.__name__}"
        seconds = time.monotonic() - started
        logger.info("%s: %s in %.2f s", name, "done" if count is None else count, seconds)
        return count

    return logged


def on(queue: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Mark work that belongs into another queue than the clock's; stands below `job`."""

    def mark(function: Callable[P, R]) -> Callable[P, R]:
        function.queue = queue  # type: ignore[attr-defined]
        return function

    return mark


def queue_of(function: str) -> str:
    """The queue of a function, by its dotted path; what is nowhere is the clock's to report."""
    try:
        return getattr(import_string(function), "queue", CLOCK)
    except ImportError:
        return CLOCK


def enqueue(function: str, *args: object, queue: str = "", **kwargs: object) -> None:
    """Queue work by its dotted path, in the queue of its purpose; nowhere else is it done.

    `queue` is for a function whose calls serve several purposes. The queues are a table of the
    same database: in a transaction work is queued with the rest of it.
    """
    from django_q.tasks import async_task  # noqa: PLC0415 - jobs are declared before models load

    async_task(function, *args, cluster=queue or queue_of(function), **kwargs)


def enqueue_all(function: str, calls: Sequence[tuple[str, tuple[object, ...]]]) -> None:
    """Queue several calls of a function, each (queue, arguments), by one statement."""
    from django_q.models import OrmQ  # noqa: PLC0415 - jobs are declared before models load
    from django_q.tasks import async_task  # noqa: PLC0415

    rows: list[OrmQ] = []
    for queue, arguments in calls:
        async_task(function, *arguments, cluster=queue, broker=_Waiting(queue, rows))
    OrmQ.objects.bulk_create(rows)


class _Waiting:
    """Takes a package where django-q hands it to its broker: it is stored with the others."""

    def __init__(self, queue: str, rows: list[Any]) -> None:
        self.list_key, self.rows = queue, rows

    def enqueue(self, package: str) -> None:
        """Keep it until all are there."""
        from django_q.models import OrmQ  # noqa: PLC0415 - jobs are declared before models load

        self.rows.append(OrmQ(key=self.list_key, payload=package, lock=timezone.now()))


def queued_arguments(function: str) -> set[tuple[object, ...]]:
    """What a function is called with by the calls that wait or run at this moment."""
    from django_q.models import OrmQ  # noqa: PLC0415 - jobs are declared before models load

    tasks = (row.task for row in OrmQ.objects.all())
    return {tuple(task["args"]) for task in tasks if task.get("func") == function}


@dataclass(frozen=True)
class QueueState:
    """How many calls are due in a queue, and for how long the oldest of them has been."""

    queue: str
    waiting: int
    late: timedelta


def queue_states(now: datetime | None = None) -> list[QueueState]:
    """The state of each queue, in one query: what stands still shows by its age."""
    from django_q.models import OrmQ  # noqa: PLC0415 - jobs are declared before models load

    now = now or timezone.now()
    due = OrmQ.objects.filter(lock__lte=now).order_by().values("key")
    found = {row["key"]: row for row in due.annotate(count=Count("pk"), oldest=Min("lock"))}
    nothing = {"count": 0, "oldest": now}
    rows = [(queue, found.get(queue, nothing)) for queue in QUEUES]
    return [QueueState(queue, row["count"], now - row["oldest"]) for queue, row in rows]


def clock_late(now: datetime | None = None) -> timedelta:
    """How long the latest scheduled job is overdue; where no queue runs at all this grows."""
    from django_q.models import Schedule  # noqa: PLC0415 - jobs are declared before models load

    now = now or timezone.now()
    oldest = Schedule.objects.exclude(repeats=0).aggregate(oldest=Min("next_run"))["oldest"]
    return max(now - oldest, timedelta()) if oldest else timedelta()


def bring_near(now: datetime | None = None) -> int:
    """After a clock was set back: what was put off by the old time comes by the new one.

    A schedule comes one interval from now at the latest, at the minute it had; a call that waits or
    was taken is free again after as long as a process may hold it. Returns how many were moved.
    """
    from django_q.models import OrmQ, Schedule  # noqa: PLC0415 - jobs are declared before models load

    now, count = now or timezone.now(), 0
    rows = Schedule.objects.filter(schedule_type=Schedule.MINUTES, minutes__gt=0)
    for row in rows.exclude(repeats=0).filter(next_run__gt=now):
        interval = timedelta(minutes=row.minutes)
        intervals = (row.next_run - now - CLOCKS_APART) // interval
        if intervals > 0:
            # Unless the queue has moved it on meanwhile.
            same = Schedule.objects.filter(pk=row.pk, next_run=row.next_run)
            count += same.update(next_run=row.next_run - intervals * interval)
    for queue in QUEUES:
        own = settings.Q_CLUSTER["ALT_CLUSTERS"].get(queue, settings.Q_CLUSTER)
        free = now + timedelta(seconds=own["retry"])
        count += OrmQ.objects.filter(key=queue, lock__gt=free + CLOCKS_APART).update(lock=free)
    return count


def reconcile(app_label: str, declared: Iterable[ScheduledJob]) -> None:
    """Make the queue's schedules of one app what its list says; their next runs stay.

    The schedules of an app are known by names that begin with its label and a dot.
    """
    from django_q.models import Schedule  # noqa: PLC0415 - jobs are declared before models load

    prefix = f"{app_label}."
    wanted = {f"{prefix}{item.function.rpartition('.')[2]}": item for item in declared}
    Schedule.objects.filter(name__startswith=prefix).exclude(name__in=wanted).delete()
    present = {row.name: row for row in Schedule.objects.filter(name__in=wanted)}
    for name, item in wanted.items():
        fields = {
            "func": item.function,
            "schedule_type": Schedule.MINUTES,
            "minutes": item.minutes,
            "repeats": -1,
            # Each cluster looks after its own schedules, the clock's after those of nobody.
            "cluster": None if queue_of(item.function) == CLOCK else queue_of(item.function),
        }
        row = present.get(name)
        if row is None:
            Schedule.objects.create(name=name, next_run=item.first_run(), **fields)
        elif any(getattr(row, field) != value for field, value in fields.items()):
            Schedule.objects.filter(pk=row.pk).update(**fields)
