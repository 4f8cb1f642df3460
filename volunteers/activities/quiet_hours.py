"""How long an offered place is held, and when people may be told of it. Pure; no models.

Nobody is asked for an instant answer, least of all at meal peaks or at night: riders ride then.
"""

from datetime import datetime, timedelta
from itertools import pairwise

from django.utils import timezone

from yuanhang.core import quiet_hours as everywhere
from yuanhang.core.quiet_hours import quiet_until

# A hold that nobody could notice would be none; one over more than a day would block the place.
SHORTEST, LONGEST = timedelta(minutes=15), timedelta(hours=24)
# So close to the start waiting would cost the place, so quiet hours no longer count.
TOO_CLOSE = timedelta(hours=3)


def tell_at(moment: datetime, starts_at: datetime) -> datetime:
    """When somebody offered a place at `moment` may be told of it."""
    if starts_at - moment <= TOO_CLOSE:
        return moment
    end = quiet_until(moment)
    return moment if end is None or starts_at - end <= TOO_CLOSE else end


def hold_of(moment: datetime, starts_at: datetime) -> timedelta:
    """How long a place is held: a quarter of the time to the start, 15 minutes to 24 hours."""
    return min(max((starts_at - moment) / 4, SHORTEST), LONGEST)


def held_until(moment: datetime, starts_at: datetime) -> datetime:
    """Until when a place offered at `moment` is held; quiet hours do not count, the start ends it.

    `moment` is aware; so is the answer.
    """
    notified_at = tell_at(moment, starts_at)
    left = hold_of(notified_at, starts_at)
    if starts_at - moment <= TOO_CLOSE:
        return min(notified_at + left, starts_at)
    for at, following in pairwise(_marks(notified_at, starts_at)):
        if quiet_until(at) is not None:
            continue
        if at + left <= following:
            return at + left
        left -= following - at
    return starts_at


def _marks(first: datetime, last: datetime) -> list[datetime]:
    """The moments between which quiet and loud hours change, from first to last."""
    day, end = timezone.localtime(first).date(), timezone.localtime(last).date()
    tzinfo = timezone.localtime(first).tzinfo
    marks = {first, last}
    while day <= end:
        for mark in (mark for span in everywhere.QUIET for mark in span):
            moment = datetime.combine(day, mark, tzinfo=tzinfo)
            if first < moment < last:
                marks.add(moment)
        day += timedelta(days=1)
    return sorted(marks)
