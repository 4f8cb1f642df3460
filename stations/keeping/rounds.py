"""A round through the station: everything was looked at, and is as it was found."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from stations.houses.models import Facility, Station, Zone
from stations.keeping.access import capacity_of
from stations.keeping.held import held
from yuanhang.core import audit
from yuanhang.core.erasures import erasures
from yuanhang.core.errors import NotAllowedNowError
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


@transaction.atomic
def put_up(station: Station, *, floor: int, kind: str, name: str, by: User) -> Facility:
    """Something new in the station, on a floor; a floor that has no zone yet gets one.

    Raises NotAllowedNowError for somebody who does not keep the station, and where a thing of this
    name stands there already.
    """
    place = held(station, by=by)
    zone = place.zones.filter(floor=floor).first()
    if zone is None:
        name_of_zone = _("%(n)d 楼") % {"n": floor}
        zone = Zone.objects.create(station=place, floor=floor, name=name_of_zone)
    if zone.facilities.filter(name=name).exists():
        raise NotAllowedNowError(_("这层已经有「%(what)s」了。") % {"what": name})
    last = zone.facilities.aggregate(last=Max("order"))["last"]
    row = Facility.objects.create(
        zone=zone,
        kind=kind,
        seal=Facility.SEALS.get(kind, name[0]),
        name=name,
        order=0 if last is None else last + 1,
        checked_at=timezone.now(),
        checked_as=capacity_of(by, place),
    )
    audit.record("stations.put_up", row, by=by, role=row.checked_as, parent=place)
    return row


@transaction.atomic
def take_away(facility: Facility, *, by: User) -> None:
    """It is not there any more; what was said of it goes with it. Raises NotAllowedNowError."""
    place = held(facility.zone.station, by=by)
    capacity = capacity_of(by, place)
    audit.record("stations.take_away", facility, by=by, role=capacity, parent=place)
    erasures.delete(facility)
