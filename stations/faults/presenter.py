"""What a page shows of faults: those that stand, and what this device or person told."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from stations.faults.faults import READ_FOR, agreeing
from stations.faults.models import FacilityFault, FaultTap
from stations.houses.models import Station


@dataclass(frozen=True)
class Standing:
    """A fault that stands, how many said so, and whether they agree within half an hour."""

    fault: FacilityFault
    people: int
    is_agreed: bool


def standing_at(station: Station) -> list[Standing]:
    """The faults that stand at a station, latest first; two queries."""
    rows = FacilityFault.objects.standing().filter(station=station).select_related("facility")
    now = timezone.now()
    return [
        Standing(row, people, agreeing(row, now) >= 2)
        for row in rows.prefetch_related("taps")
        if (people := sum(tap.taken_back_at is None for tap in row.taps.all()))
    ]


def told_by(user: Any, device: str) -> Sequence[FaultTap]:
    """What a person or a device told of in the last days, the latest first; one query."""
    if not device and not user.is_authenticated:
        return ()
    rows = FaultTap.objects.counting().of(user, device).filter(at__gt=timezone.now() - READ_FOR)
    return list(rows.select_related("fault__facility", "fault__station").order_by("-at")[:5])


def door_news(user: Any, device: str) -> Sequence[FaultTap]:
    """What a person or a device told of that was answered or is over; one query at most."""
    return [tap for tap in told_by(user, device) if tap.fault.answer or tap.fault.ended_at]
