"""The first-aid box: what is in it and until when, and a warning before it is too old."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from stations.houses.models import FirstAidItem, Station
from stations.keeping import notifications
from stations.keeping.access import capacity_of
from stations.keeping.held import held
from yuanhang.core import audit
from yuanhang.core.erasures import erasures
from yuanhang.core.models import User

WARNED_BEFORE = timedelta(days=30)


@transaction.atomic
def fill(station: Station, items: Iterable[tuple[str, date | None]], *, by: User) -> None:
    """Let these (name, good until) be what is in the box; what is not among them was taken out.

    One with a new date is warned of anew. Raises NotAllowedNowError for somebody who does not keep
    the station.
    """
    place = held(station, by=by)
    kept = {row.name: row for row in place.first_aid.all()}
    wanted = dict(items)
    for name, expires_on in wanted.items():
        row = kept.get(name) or FirstAidItem(station=place, name=name)
        if row.pk is None or row.expires_on != expires_on:
            row.expires_on, row.warned_on = expires_on, None
            row.save()
    for name, row in kept.items():
        if name not in wanted:
            erasures.delete(row)
    changes = {"items": len(wanted)}
    audit.record(
        "stations.fill_first_aid", place, by=by, role=capacity_of(by, place), changes=changes
    )


def warn_of_expiry() -> int:
    """Tell keepers and staff once of what is good for thirty days more, or less; returns how many.

    Each station's box is one notice: what runs out together is bought together.
    """
    today, count = timezone.localdate(), 0
    due = FirstAidItem.objects.expiring(today + WARNED_BEFORE).filter(warned_on=None)
    for key in due.order_by("station").values_list("station", flat=True).distinct():
        with transaction.atomic():
            place = Station.objects.select_for_update(no_key=True).get(pk=key)
            rows = list(due.filter(station=place).select_for_update())
            if rows:
                notifications.first_aid_expires(place, rows, today)
                FirstAidItem.objects.filter(pk__in=[row.pk for row in rows]).update(warned_on=today)
                count += len(rows)
    return count
