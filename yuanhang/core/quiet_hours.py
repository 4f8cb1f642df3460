"""When nobody is told of what can wait: at meal peaks and at night riders ride. Pure; no models."""

from datetime import datetime, time, timedelta

from django.utils import timezone

# Local times in which nobody is told and no hold runs: the two meal peaks, and the night.
QUIET = ((time(11), time(13, 30)), (time(17), time(20)), (time(22), time(7)))


def quiet_until(moment: datetime) -> datetime | None:
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
