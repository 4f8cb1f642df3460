"""How long an offered place is held, and when people may be told of it. Pure; no models.

Nobody is asked for an instant answer (DOMAIN 2), least of all at meal peaks or at night.
"""

from datetime import datetime, time, timedelta
from itertools import pairwise

from django.utils import timezone

# Local times in which nobody is told and no hold runs: the two meal peaks, and the night.
QUIET = ((time(11), time(13, 30)), (time(17), time(20)), (time(22), time(7)))
SHORTEST, LONGEST = timedelta(minutes=15), timedelta(hours=24)
# So close to the start waiting would cost the place, so quiet hours no longer count.
TOO_CLOSE = timedelta(hours=3)


def quiet_until(moment):
    """The end of the quiet hours that `moment` lies in, or None outside them."""
    local = timezone.localtime(moment)
    for start, end in QUIET:
        if start < end:
            inside, day = start <= local.time() < end, local.date()
        else:
            inside = local.time() >= start or local.time() < end
            day = local.date() + timedelta(days=local.time() >= start)
        if inside:
            return datetime.combine(day, end, tzinfo=local.tzinfo)
    return None


def tell_at(moment, starts_at):
    """When somebody offered a place at `moment` may be told of it."""
    if starts_at - moment <= TOO_CLOSE:
        return moment
    end = quiet_until(moment)
    return moment if end is None or starts_at - end <= TOO_CLOSE else end


def hold_of(moment, starts_at):
    """How long a place is held: a quarter of the time to the start, 15 minutes to 24 hours."""
    return min(max((starts_at - moment) / 4, SHORTEST), LONGEST)


def held_until(moment, starts_at):
    """Until when a place offered at `moment` is held; quiet hours do not count, the start ends it.

    `moment` is aware; so is the answer.
    """
    told = tell_at(moment, starts_at)
    left = hold_of(told, starts_at)
    if starts_at - moment <= TOO_CLOSE:
        return min(told + left, starts_at)
    for at, following in pairwise(_marks(told, starts_at)):
        if quiet_until(at) is not None:
            continue
        if at + left <= following:
            return at + left
        left -= following - at
    return starts_at


def _marks(first, last):
    """The moments between which quiet and loud hours change, from first to last."""
    day, end = timezone.localtime(first).date(), timezone.localtime(last).date()
    tzinfo = timezone.localtime(first).tzinfo
    marks = {first, last}
    while day <= end:
        for mark in (mark for span in QUIET for mark in span):
            moment = datetime.combine(day, mark, tzinfo=tzinfo)
            if first < moment < last:
                marks.add(moment)
        day += timedelta(days=1)
    return sorted(marks)
