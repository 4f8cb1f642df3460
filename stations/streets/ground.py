"""What every map of ours stands on: grids, landmarks, stations and streets, the same for everybody.

It is one answer under one address that names its version, so that a phone loads it once.
"""

from functools import lru_cache
from hashlib import sha256
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Count, Max, Value
from django.urls import reverse

from stations.areas.models import Grid, Landmark
from stations.houses.models import Station
from stations.streets.models import MapShape, StreetMap
from yuanhang.core.kept_answers import kept

# Points leave as whole numbers of this part of a degree, about a metre: a map draws no less.
STEPS_A_DEGREE = 100_000
VERSION_LENGTH = 12
UNNAMED = "now"


@kept("stations_grid", "stations_landmark", "stations_station", "stations_streetmap")
def version() -> str:
    """A word that changes with whatever the ground shows; kept until that changes."""
    stamps = [
        model.objects.order_by()
        .annotate(table=Value(model._meta.model_name))
        .values("table")
        .annotate(rows=Count("pk"), latest=Max("updated_at"), last=Max("pk"))
        for model in (Grid, Landmark, Station, StreetMap)
    ]
    found = stamps[0].union(*stamps[1:], all=True)
    told = sorted(tuple(row.values()) for row in found)
    return sha256(repr(told).encode()).hexdigest()[:VERSION_LENGTH]


def address(names_version: bool = True) -> str:
    """Where the ground lies as it is now; without its version no query is made."""
    return reverse("stations:ground", args=[version() if names_version else UNNAMED])


@lru_cache(maxsize=2)
def packed(_version: str) -> bytes:
    """The ground as JSON, made once for each version by each process."""
    encoder = DjangoJSONEncoder(separators=(",", ":"), ensure_ascii=False)
    return encoder.encode(ground()).encode()


def ground() -> dict[str, Any]:
    """Grids, landmarks, listed stations and shapes, and no case among them.

    A shape is [kind, name, points], its points one list of steps: longitude and latitude of the
    first, then the way from each to the next.
    """
    return {
        "grids": [_grid(grid) for grid in Grid.objects.all()],
        "landmarks": [
            {"name": mark.name, "latitude": mark.latitude, "longitude": mark.longitude}
            for mark in Landmark.objects.filter(latitude__isnull=False)
        ],
        "stations": [
            {"name": house.name, "latitude": house.latitude, "longitude": house.longitude}
            for house in Station.objects.listed().stations().filter(latitude__isnull=False)
        ],
        "steps": STEPS_A_DEGREE,
        "shapes": [
            [kind, name, _in_steps(points)]
            for kind, name, points in MapShape.objects.values_list("kind", "name", "points")
        ],
    }


def _in_steps(points: list[list[float]]) -> list[int]:
    steps: list[int] = []
    before = (0, 0)
    for longitude, latitude in points:
        here = round(longitude * STEPS_A_DEGREE), round(latitude * STEPS_A_DEGREE)
        steps += [here[0] - before[0], here[1] - before[1]]
        before = here
    return steps


def _grid(grid: Any) -> dict[str, Any]:
    polygon = grid.polygon
    # The middle of the box may lie outside a crooked grid, a number must not.
    middle = polygon.representative_point()
    name_latitude, name_longitude = _near_the_top(polygon)
    return {
        "id": grid.pk,
        "name": grid.name,
        "boundary": grid.boundary,
        "latitude": middle.y,
        "longitude": middle.x,
        "nameLatitude": name_latitude,
        "nameLongitude": name_longitude,
    }


def _near_the_top(polygon: Any) -> tuple[float, float]:
    """Where a name stands clear of what lies in the grid's middle: (latitude, longitude)."""
    from shapely.geometry import LineString  # noqa: PLC0415 - 18 MB that few pages need

    west, south, east, north = polygon.bounds
    latitude = north - 0.12 * (north - south)
    across = polygon.intersection(LineString([(west, latitude), (east, latitude)]))
    longest = max(getattr(across, "geoms", [across]), key=lambda part: part.length)
    return latitude, longest.centroid.x
