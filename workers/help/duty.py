"""Who looks at a request for help at this minute: a keeper on duty, else the next level at once."""

from dataclasses import dataclass
from datetime import datetime

from stations.areas.models import Community
from stations.houses import kept_stations
from stations.houses.models import Station
from stations.postings.access import (
    centre_officer_keys,
    community_staff_keys,
    station_keeper_keys,
)
from workers.help.models import HelpRequest
from yuanhang.core import geo

Level = HelpRequest.Level


@dataclass(frozen=True, kw_only=True)
class Duty:
    """`station` is whose keeper looks at it, `until` when that ends (None: around the clock).

    `recipients` are keys of who is told at once; off duty the keepers read it as well, later.
    """

    station: Station | None
    level: str
    until: datetime | None
    phone: str
    recipients: tuple[int, ...]

    @property
    def is_on(self) -> bool:
        """Whether a keeper is there: the station is open and somebody holds the post today."""
        return self.level == Level.KEEPER


def duty_of(community: Community, point: geo.Point | None = None) -> Duty:
    """Who is on duty for a community, nearest to a WGS-84 point; no query in the usual case."""
    stations = [
        row
        for row in kept_stations.listed()
        if row.kind == Station.Kind.STATION and row.community_id == community.pk
    ]
    stations.sort(key=lambda row: _metres(row, point))
    for station in stations:
        keepers, opening = station_keeper_keys(station.pk), station.opening()
        if keepers and opening.is_open:
            return _duty(community, station, Level.KEEPER, keepers, opening.moment)
    first = stations[0] if stations else None
    later = station_keeper_keys(first.pk) if first else ()
    staff = community_staff_keys(community.pk)
    if staff:
        return _duty(community, first, Level.STAFF, (*staff, *later), None)
    officers = centre_officer_keys(community.subdistrict_id)
    level = Level.CENTRE if officers else Level.NOBODY
    return _duty(community, first, level, (*officers, *later), None)


def _duty(community, station, level, keys, until):
    phone = (station.desk_phone if station else "") or community.desk_phone
    told = tuple(dict.fromkeys(keys))
    return Duty(station=station, level=level, until=until, phone=phone, recipients=told)


def _metres(station, point):
    """How far a station lies; without a point, or where nobody knows, the order stays."""
    if point is None or not station.has_point:
        return 0.0 if point is None else float("inf")
    return geo.distance(point.latitude, point.longitude, station.latitude, station.longitude)
