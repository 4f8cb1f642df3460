"""Closing a station for a time, with the reason; and opening it again before that."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from stations.houses.models import Closure, Station
from stations.keeping.access import capacity_of
from stations.keeping.held import held
from yuanhang.core import audit
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.models import User


@transaction.atomic
def announce(
    station: Station,
    *,
    reason: str,
    by: User,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
) -> Closure:
    """Close from a moment (now) until another, or until further notice.

    Raises NotAllowedNowError for somebody who does not keep it, for one that would be over already,
    and where a closure of the same time stands: two of them would have two reasons.
    """
    place = held(station, by=by)
    now = timezone.now()
    start = starts_at or now
    if ends_at is not None and ends_at <= max(start, now):
        raise NotAllowedNowError(_("关到的时间要晚于现在，也要晚于开始。"))
    for other in place.closures.all():
        begins_before_it_ends = ends_at is None or other.starts_at < ends_at
        if begins_before_it_ends and (other.ends_at is None or other.ends_at > start):
            raise NotAllowedNowError(_("这段时间已经写过关门了，先取消那一条。"))
    row = Closure.objects.create(station=place, starts_at=start, ends_at=ends_at, reason=reason)
    audit.record("stations.announce_closure", row, by=by, role=capacity_of(by, place), parent=place)
    return row


@transaction.atomic
def lift(closure: Closure, *, by: User) -> None:
    """Open again now; one that has not begun never happens. Raises NotAllowedNowError."""
    place = held(closure.station, by=by)
    row = Closure.objects.select_for_update().get(pk=closure.pk)
    now = timezone.now()
    if row.ends_at is not None and row.ends_at <= now:
        raise NotAllowedNowError(_("已经重新开门了。"))
    row.ends_at = max(row.starts_at, now) if row.starts_at <= now else row.starts_at
    row.save(update_fields=["ends_at"])
    audit.record("stations.lift_closure", row, by=by, role=capacity_of(by, place), parent=place)
