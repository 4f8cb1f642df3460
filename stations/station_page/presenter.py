"""What the page of a station shows."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from stations.houses.models import Facility, OpeningHours, Station
from stations.houses.opening_words import Told, told
from yuanhang.core import geo
from yuanhang.core.words import hours_span

# On the first screen: so many things that work now, and all that do not.
SHOWN_FIRST = 6


@dataclass(frozen=True)
class StationPage:
    """A station with its opening, and what there is in it."""

    station: Station
    told: Told
    map_links: list[tuple[str, str]]
    first: list[Facility]  # what is broken or empty, and then what works, in the house's order
    checked_at: datetime | None
    week: list[tuple[str, str]]  # empty where nobody entered any hours


def page_of(station: Station) -> StationPage:
    """Made of a station with `with_opening` and its zones; asks nothing of the database."""
    things = [item for zone in station.zones.all() for item in zone.facilities.all()]
    faulty = [item for item in things if item.condition != Facility.Condition.GOOD]
    working = [item for item in things if item.condition == Facility.Condition.GOOD]
    # The oldest look, so that nothing is promised.
    looks = [item.checked_at for item in things]
    return StationPage(
        station=station,
        told=told(station.opening(), has_phone=bool(station.desk_phone)),
        map_links=_ways(station),
        first=[*faulty, *working[: max(SHOWN_FIRST - len(faulty), 0)]],
        checked_at=min(looks) if looks and all(looks) else None,
        week=_week(station),
    )


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
    holidays = {
        Station.OnHolidays.USUAL: _("照常"),
        Station.OnHolidays.CLOSED: _("不开"),
        Station.OnHolidays.OWN: _("，").join(spans.get(OpeningHours.Weekday.HOLIDAY, ())),
    }
    on_holidays = holidays.get(station.on_holidays) or _("没定，先打电话问")
    return [*days, (_("节假日"), on_holidays)]
