"""Which sessions fit the hours somebody said to be free in."""

from collections.abc import Iterable

from django.contrib.auth.models import AnonymousUser
from django.db.models import BooleanField, Case, Q, QuerySet, Value, When

from workers.access import worker_of
from workers.models import Consent, Worker
from yuanhang.core.models import User

Free = Worker.FreeTime
WORKDAY, WEEKEND = Q(starts_at__iso_week_day__lte=5), Q(starts_at__iso_week_day__gte=6)


def _between(first: int, last: int) -> Q:
    """Starting in the local hours from `first`, before `last`."""
    return Q(starts_at__hour__gte=first, starts_at__hour__lt=last)


# Nobody counts minutes when saying "about ten": the start decides. Public holidays count as the
# weekday they are; the badge is a hint and refuses nobody.
FITS = {
    Free.WEEKDAY_MORNING: WORKDAY & _between(9, 12),
    Free.WEEKDAY_AFTERNOON: WORKDAY & _between(14, 17),
    Free.WEEKDAY_EVENING: WORKDAY & _between(18, 22),
    Free.WEEKEND_MORNING: WEEKEND & _between(7, 12),
    Free.WEEKEND_AFTERNOON: WEEKEND & _between(12, 18),
}


def free_times_of(user: User | AnonymousUser) -> list[str]:
    """The `Worker.FreeTime`s a person gave and still lets us use; [] for everybody else."""
    worker = worker_of(user)
    if worker is None or not worker.free_times:
        return []
    agreed = worker.consents.in_force().filter(purpose=Consent.Purpose.FREE_TIMES).exists()
    return [time for time in worker.free_times if time in FITS] if agreed else []


def with_fits(sessions: QuerySet, times: Iterable[str]) -> QuerySet:
    """The sessions, each annotated with `fits`: whether it starts in one of these free times."""
    condition = Q(pk__in=[])
    for time in times:
        condition |= FITS[time]
    fits = Case(
        When(condition, then=Value(True)), default=Value(False), output_field=BooleanField()
    )
    return sessions.annotate(fits=fits)
