"""What a rider needs now, and which places have it, nearest and open first."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from math import ceil

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stations.faults.presenter import failing
from stations.houses import kept_stations
from stations.houses.models import Facility, Station
from stations.houses.opening import Opening
from stations.houses.opening_words import CLOSED, OPEN, Told, told
from yuanhang.core import geo

RIDE_METRES_A_MINUTE, WALK_METRES_A_MINUTE = 230, 70
WALKED = 500  # metres; farther than that somebody rides
BESIDE = 20  # metres: nearer than that there is no direction
CLOSING_SOON = 60  # minutes
SUMMER = range(6, 9)
DIRECTIONS = tuple(
    map(gettext_lazy, ("往北", "往东北", "往东", "往东南", "往南", "往西南", "往西", "往西北"))
)


class Need(models.TextChoices):
    """In the order of the page; its seal is the first character but where that says little."""

    WARM = "warm", gettext_lazy("取暖")
    COOL = "cool", gettext_lazy("纳凉")
    CHARGE = "charge", gettext_lazy("充电")
    WATER = "water", gettext_lazy("热水")
    TOILET = "toilet", gettext_lazy("厕所")
    PUMP = "pump", gettext_lazy("打气")
    REST = "rest", gettext_lazy("休息")
    MEAL = "meal", gettext_lazy("热饭")
    SWAP = "swap", gettext_lazy("换电")


SEALS = dict(zip(Need, ("暖", "凉", "充", "水", "厕", "气", "歇", "饭", "换"), strict=True))
PLACE_SEALS = {
    Station.Kind.STATION: gettext_lazy("驿"),
    Station.Kind.MERCHANT: gettext_lazy("店"),
    Station.Kind.PHARMACY: gettext_lazy("药"),
    Station.Kind.BANK: gettext_lazy("行"),
    Station.Kind.FUEL: gettext_lazy("油"),
    Station.Kind.OTHER: gettext_lazy("处"),
}
Kind = Facility.Kind
MET_BY = {
    Need.WARM: {Kind.HEATING, Kind.AIRCON},
    Need.COOL: {Kind.AIRCON},
    Need.CHARGE: {Kind.POWER},
    Need.WATER: {Kind.WATER},
    Need.TOILET: {Kind.TOILET},
    Need.PUMP: {Kind.PUMP},
    Need.REST: {Kind.SEAT},
    Need.MEAL: {Kind.OVEN},
    Need.SWAP: {Kind.SWAP},
}


def offered(month: int) -> list[Need]:
    """The eight of a month: people warm themselves, or from June to August cool down."""
    left_out = Need.WARM if month in SUMMER else Need.COOL
    return [need for need in Need if need is not left_out]


@dataclass(frozen=True)
class Way:
    """From somewhere to a place: metres, degrees from north clockwise, and in words."""

    metres: float
    bearing: float

    @property
    def far(self) -> str:
        """「640 米」, 「1.4 公里」: metres to ten."""
        return geo.distance_in_words(round(self.metres, -1) if self.metres < 995 else self.metres)

    @property
    def direction(self) -> str:
        """「往东」; nothing beside it."""
        return "" if self.metres < BESIDE else str(DIRECTIONS[round(self.bearing / 45) % 8])

    @property
    def turn(self) -> int:
        """Whole degrees, for an arrow that points up."""
        return round(self.bearing)

    @property
    def minutes(self) -> str:
        """「走 5 分钟」 near by, 「骑 3 分钟」 farther away."""
        if self.metres < WALKED:
            return _("走 %(n)d 分钟") % {"n": max(ceil(self.metres / WALK_METRES_A_MINUTE), 1)}
        return _("骑 %(n)d 分钟") % {"n": ceil(self.metres / RIDE_METRES_A_MINUTE)}


@dataclass(frozen=True)
class Place:
    """A station or friendly place as a row: what it has that works, and how it lies."""

    station: Station
    opening: Opening
    told: Told
    needs: list[Need]
    way: Way | None = None
    is_locked: bool = False
    is_gone: bool = False  # two people say so; staff have not looked yet
    asked: Collection[Need] = field(default=())

    @property
    def rank(self) -> int:
        """Open, perhaps locked, nobody knows, closed, perhaps gone: in this order, however near."""
        if self.is_gone:
            return 4
        if self.told.state == OPEN:
            return 1 if self.is_locked else 0
        return 3 if self.told.state == CLOSED else 2

    @property
    def is_worth_the_way(self) -> bool:
        """Open, as far as anybody knows."""
        return self.told.state == OPEN and not self.is_gone

    @property
    def latitude(self) -> str:
        """For the script, whatever the language writes into numbers."""
        return f"{self.station.latitude:.6f}"

    @property
    def longitude(self) -> str:
        """As `latitude`."""
        return f"{self.station.longitude:.6f}"

    @property
    def far(self) -> str:
        """How far, where somebody said from where."""
        return self.way.far if self.way else ""

    @property
    def minutes(self) -> str:
        """How long it takes."""
        return self.way.minutes if self.way else ""

    @property
    def direction(self) -> str:
        """「往东」, where somebody said from where and it is not beside them."""
        return self.way.direction if self.way else ""

    @property
    def turn(self) -> int:
        """Of the arrow."""
        return self.way.turn if self.way else 0

    @property
    def seal(self) -> str:
        """Of the sort of place it is."""
        return str(PLACE_SEALS[self.station.kind])

    @property
    def seals(self) -> list[tuple[str, str, bool]]:
        """(seal, word, whether it was asked for) of each need it meets."""
        return [(SEALS[need], str(need.label), need in self.asked) for need in self.needs]

    @property
    def minutes_left(self) -> int | None:
        """Until it closes, where that is soon."""
        if self.told.state != OPEN or self.opening.moment is None:
            return None
        left = int((self.opening.moment - timezone.localtime()).total_seconds() // 60)
        return left if left <= CLOSING_SOON else None


def way_between(start: tuple[float, float], end: tuple[float, float]) -> Way:
    """From one WGS-84 point to another."""
    return Way(geo.distance(*start, *end), geo.bearing(*start, *end))


def places(needs: Iterable[Need] = (), *, start: tuple[float, float] | None = None) -> list[Place]:
    """The listed places that meet all of these needs now, open ones first, then the nearest.

    `start` is a point in WGS-84. A place whose door two people found locked comes behind the open
    ones. What is known to fail meets no need. Two queries, however many places.
    """
    asked = list(needs)
    fails, found = failing(), []
    for station in kept_stations.listed():
        met = _met(station, fails.things)
        if not set(asked) <= set(met):
            continue
        opening = station.opening()
        found.append(
            Place(
                station=station,
                opening=opening,
                told=told(opening, has_phone=bool(station.desk_phone)),
                needs=met,
                way=_way_to(station, start),
                is_locked=station.pk in fails.doors,
                is_gone=station.pk in fails.gone,
                asked=asked,
            )
        )
    return sorted(found, key=_order)


def open_now(need: Need, *, start: tuple[float, float], but: Station) -> list[Place]:
    """Where somebody gets this now who stands before the closed door of `but`."""
    found = places([need], start=start)
    return [place for place in found if place.rank == 0 and place.station.pk != but.pk]


def _met(station, failing_things):
    kinds = {
        item.kind
        for zone in station.zones.all()
        for item in zone.facilities.all()
        if item.condition == Facility.Condition.GOOD and item.pk not in failing_things
    }
    return [need for need in offered(timezone.localdate().month) if MET_BY[need] & kinds]


def _way_to(station, start):
    if start is None or not station.has_point:
        return None
    return way_between(start, (station.latitude, station.longitude))


def _order(place):
    return place.rank, place.way.metres if place.way else 0, place.station.name
