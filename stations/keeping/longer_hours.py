"""Open longer than the week says: the switch for a night of extreme weather."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from stations.houses.models import LongerHours, Station
from stations.keeping.access import capacity_of
from stations.keeping.held import held
from yuanhang.core import audit
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.models import User

LONGEST = timedelta(hours=24)  # the next night is decided on the next day


@transaction.atomic
def extend(station: Station, *, until: datetime, reason: str, by: User) -> LongerHours:
    """Open from now until a moment of the next 24 hours; a second time moves the end.

    Raises NotAllowedNowError for somebody who does not keep it, for another moment, and while it
    is closed with a reason: whoever opens it lifts that first.
    """
    place = held(station, by=by)
    now = timezone.now()
    if not now < until <= now + LONGEST:
        raise NotAllowedNowError(_("开到的时间要在今后 24 小时里。"))
    if any(row.span.covers(timezone.localtime(now)) for row in place.closures.all()):
        raise NotAllowedNowError(_("现在写着关门，先重新开门。"))
    row = place.longer_hours.filter(starts_at__lte=now, ends_at__gt=now).first()
    if row is None:
        row = LongerHours(station=place, starts_at=now)
    row.ends_at, row.reason = until, reason
    row.save()
    audit.record("stations.extend_hours", row, by=by, role=capacity_of(by, place), parent=place)
    return row


@transaction.atomic
def take_back(row: LongerHours, *, by: User) -> None:
    """Back to the week's hours from now on. Raises NotAllowedNowError where it is over already."""
    place = held(row.station, by=by)
    row = LongerHours.objects.select_for_update().get(pk=row.pk)
    now = timezone.now()
    if row.ends_at <= now:
        raise NotAllowedNowError(_("已经恢复平时的时间了。"))
    row.ends_at = max(row.starts_at, now)
    row.save(update_fields=["ends_at"])
    audit.record("stations.shorten_hours", row, by=by, role=capacity_of(by, place), parent=place)
