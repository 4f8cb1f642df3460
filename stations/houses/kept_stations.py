"""The public stations with their hours, floors and facilities, as each process keeps them.

Every page shows whether a station is open; what decides that changes a few times a day.
"""

import copy

from stations.houses.models import Station
from yuanhang.core.kept_answers import kept

TABLES = (
    "stations_station",
    "stations_community",
    "stations_openinghours",
    "stations_closure",
    "stations_longerhours",
    "stations_zone",
    "stations_facility",
)


@kept(*TABLES)
def _rows() -> tuple[Station, ...]:
    rows = Station.objects.listed().select_related("community").order_by("pk")
    return tuple(rows.with_opening().prefetch_related("zones__facilities"))


def listed() -> list[Station]:
    """All of them, oldest first, with what `opening` and a page of a station read."""
    return [copy.copy(row) for row in _rows()]  # what is kept is everybody's


def by_slug(slug: str) -> Station | None:
    """The one with this name in its address, where the public may see it."""
    return next((row for row in listed() if row.slug == slug), None)
