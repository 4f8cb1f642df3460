"""What the page of a station shows."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _

from stations.faults.forms import TellForm
from stations.faults.models import FacilityFault, FaultTap
from stations.faults.presenter import Standing, standing_at, told_by
from stations.houses.models import Facility, OpeningHours, Station
from stations.houses.opening import Opening
from stations.houses.opening_words import Told, told
from stations.needs import needs
from stations.needs.needs import Place
from yuanhang.core import geo
from yuanhang.core.words import hours_span

# On the first screen: so many things that work now, and all that do not.
SHOWN_FIRST = 6
ELSEWHERE_MAX = 3


class Said(NamedTuple):
    """A tap, and the form by which words are added to it."""

    tap: FaultTap
    form: TellForm


@dataclass(frozen=True)
class StationPage:
    """A station with its opening, and what there is in it."""

    station: Station
    told: Told
    map_links: list[tuple[str, str]]
    first: list[Facility]  # what is broken or empty, and then what works, in the house's order
    standing: dict[int | None, list[Standing]]  # by the key of the thing; None: of the house
    said: list[Said]  # what this person or device told
    house_kinds: list[tuple[str, str]]
    elsewhere: list[Place]  # where it is warm now (cool in summer), if not here
    is_summer: bool
    checked_at: datetime | None
    week: list[tuple[str, str]]  # empty where nobody entered any hours

    @property
    def door(self) -> Standing | None:
        """People say that it is locked, and agree: then nobody walks there without a call."""
        return next(
            (one for one in self.standing.get(None, ()) if one.is_agreed and _is_door(one)), None
        )

    @property
    def of_the_house(self) -> list[Standing]:
        """What else is said of the whole house."""
        return [one for one in self.standing.get(None, ()) if one is not self.door]


def _is_door(one: Standing) -> bool:
    return one.fault.kind == FacilityFault.Kind.LOCKED


def page_of(station: Station, *, user: Any, device: str) -> StationPage:
    """Made of a station with `with_opening` and its zones, for a person and their device."""
    opening = station.opening()
    things = [item for zone in station.zones.all() for item in zone.facilities.all()]
    standing: dict[int | None, list[Standing]] = {}
    for one in standing_at(station):
        standing.setdefault(one.fault.facility_id, []).append(one)
    for item in things:
        item.told = standing.get(item.pk, [])
        item.is_well = item.condition == Facility.Condition.GOOD and not item.told
    faulty = [item for item in things if not item.is_well]
    working = [item for item in things if item.is_well]
    # The oldest look, so that nothing is promised.
    looks = [item.checked_at for item in things]
    return StationPage(
        station=station,
        told=told(opening, has_phone=bool(station.desk_phone)),
        map_links=_ways(station),
        first=[*faulty, *working[: max(SHOWN_FIRST - len(faulty), 0)]],
        standing=standing,
        said=[Said(tap, _words_form(tap, station)) for tap in told_by(user, device)],
        elsewhere=_elsewhere(station, opening),
        is_summer=timezone.localdate().month in needs.SUMMER,
        house_kinds=[(kind.value, str(kind.label)) for kind in FacilityFault.kinds_of(station)],
        checked_at=min(looks) if looks and all(looks) else None,
        week=_week(station),
    )


def _words_form(tap: FaultTap, station: Station) -> TellForm:
    return TellForm(
        initial={"words": tap.words}, station=station, auto_id=f"tap{tap.pk}-%s", label_suffix=""
    )


def _elsewhere(station: Station, opening: Opening) -> list[Place]:
    """Whoever stands before a closed door is told the next warm, or cool, place that is open."""
    if opening.is_open:
        return []
    first = needs.offered(timezone.localdate().month)[0]
    start = (station.latitude, station.longitude) if station.has_point else None
    return needs.open_now(first, start=start, but=station)[:ELSEWHERE_MAX]


def _ways(station: Station) -> list[tuple[str, str]]:
    if not station.has_point:
        return []
    return geo.navigation_links(station.latitude, station.longitude, station.name, station.address)


def _week(station: Station) -> list[tuple[str, str]]:
    """(weekday, spans in words) for the seven days and holidays; nothing where nobody knows."""
    rules: list[Any] = list(station.hours.all())
    if not rules:
        return []
    spans: dict[int, list[str]] = {}
    for rule in rules:
        spans.setdefault(rule.weekday, []).append(hours_span(rule.opens, rule.closes))
    days = [
        (str(day.label), _("，").join(spans.get(day.value, ())) or _("不开"))
        for day in OpeningHours.Weekday
        if day != OpeningHours.Weekday.HOLIDAY
    ]
    unknown = _("没定，先打电话问") if station.desk_phone else _("没定")
    holidays = {
        Station.OnHolidays.USUAL: _("照常"),
        Station.OnHolidays.CLOSED: _("不开"),
        Station.OnHolidays.OWN: _("，").join(spans.get(OpeningHours.Weekday.HOLIDAY, ())),
    }
    on_holidays = holidays.get(station.on_holidays) or unknown
    return [*days, (_("节假日"), on_holidays)]
