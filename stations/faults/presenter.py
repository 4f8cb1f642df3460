"""What a page shows of faults: those that stand, and what this device or person told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from stations.faults.faults import READ_FOR, Kind, agreeing
from stations.faults.models import FacilityFault, FaultTap
from stations.houses.models import Station

# Two people found the door locked: so long that is believed without a word of the keeper's.
BELIEVED_FOR = timedelta(hours=3)


@dataclass(frozen=True)
class Standing:
    """A fault that stands, how many said so, and whether they are believed without a look."""

    fault: FacilityFault
    people: int
    is_agreed: bool


@dataclass(frozen=True)
class Failing:
    """What fails by the word of two people: keys of things, of stations whose door is locked, and
    of places that are not there any more."""

    things: frozenset[int]
    doors: frozenset[int]
    gone: frozenset[int]


def standing_at(station: Station) -> list[Standing]:
    """The faults that stand at a station, latest first; two queries."""
    return _standing(FacilityFault.objects.standing().filter(station=station))


def failing() -> Failing:
    """What two people agree on, everywhere; two queries."""
    agreed = [one.fault for one in _standing(FacilityFault.objects.standing()) if one.is_agreed]
    return Failing(
        things=frozenset(row.facility_id for row in agreed if row.facility_id),
        doors=frozenset(row.station_id for row in agreed if row.kind == Kind.LOCKED),
        gone=frozenset(row.station_id for row in agreed if row.kind == Kind.GONE),
    )


def _standing(rows):
    now = timezone.now()
    found = []
    for row in rows.select_related("facility").prefetch_related("taps"):
        people = sum(tap.taken_back_at is None for tap in row.taps.all())
        if row.kind == Kind.LOCKED:
            is_agreed = row.told_at is not None and now - row.last_at <= BELIEVED_FOR
        else:
            is_agreed = agreeing(row, now) >= 2
        if people:
            found.append(Standing(row, people, is_agreed))
    return found


def told_by(user: Any, device: str) -> Sequence[FaultTap]:
    """What a person or a device told of that stands, or ended in the last days; one query."""
    if not device and not user.is_authenticated:
        return ()
    lately = Q(fault__ended_at=None) | Q(fault__ended_at__gt=timezone.now() - READ_FOR)
    rows = FaultTap.objects.counting().of(user, device).filter(lately)
    return list(rows.select_related("fault__facility", "fault__station").order_by("-at")[:5])


def door_news(user: Any, device: str) -> Sequence[FaultTap]:
    """What a person or a device told of that was answered or is over; one query at most."""
    return [tap for tap in told_by(user, device) if tap.fault.answer or tap.fault.ended_at]
