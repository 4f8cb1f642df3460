"""Background jobs: one declared list per app, reconciled after migrate, and one log line a run."""

import functools
import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from datetime import time as clock_time
from typing import Any, ParamSpec, TypeVar

from django.utils import timezone

logger = logging.getLogger(__name__)

P = ParamSpec("P")
R = TypeVar("R")


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
        }
        row = present.get(name)
        if row is None:
            Schedule.objects.create(name=name, next_run=item.first_run(), **fields)
        elif any(getattr(row, field) != value for field, value in fields.items()):
            Schedule.objects.filter(pk=row.pk).update(**fields)
