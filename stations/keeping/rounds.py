"""A round through the station: everything was looked at, and is as it was found."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from stations.houses.models import Facility, Station
from stations.keeping.access import capacity_of
from stations.keeping.held import held
from yuanhang.core import audit
from yuanhang.core.models import User

Seen = tuple[Facility, str, str]  # a facility, its condition, a remark


@transaction.atomic
def walk(station: Station, seen: Iterable[Seen], *, by: User) -> int:
    """Note what was seen of these facilities of a station; returns how many changed.

    Raises NotAllowedNowError for somebody who does not keep the station.
    """
    place = held(station, by=by)
    capacity, now, changed = capacity_of(by, place), timezone.now(), 0
    rows = {row.pk: row for row in Facility.objects.filter(zone__station=place)}
    for facility, condition, remark in seen:
        row = rows[facility.pk]
        changed += (row.condition, row.remark) != (condition, remark)
        row.condition, row.remark = condition, remark
        row.checked_at, row.checked_as, row.updated_at = now, capacity, now
    fields = ["condition", "remark", "checked_at", "checked_as", "updated_at"]
    Facility.objects.bulk_update(rows.values(), fields)
    changes = {"facilities": len(rows), "changed": changed}
    audit.record("stations.check_facilities", place, by=by, role=capacity, changes=changes)
    return changed
