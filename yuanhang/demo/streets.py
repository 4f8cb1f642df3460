"""The demo's street net, drawn by us: streets, houses and green around the demo's grids."""

import math
import random
from typing import Any

from stations.areas.models import Community, Grid
from stations.streets import street_maps
from stations.streets.reading import read_street_map
from yuanhang.core.media.svg_map import METRES_A_DEGREE
from yuanhang.core.models import User

# Streets from north to south, (longitude, latitude); they meet the demo's landmarks.
RING_ROAD = [
    (124.9384, 46.5362),
    (124.9387, 46.5410),
    (124.9392, 46.54512),
    (124.9399, 46.5480),
    (124.9406, 46.5536),
]
OTHER_ROADS = {
    "大集路": ("main", [(124.9319, 46.5366), (124.9323, 46.5452), (124.9329, 46.5532)]),
    "站前路": ("street", [(124.9452, 46.5370), (124.9449, 46.5449), (124.9455, 46.5528)]),
    "景山路": ("main", [(124.9537, 46.5364), (124.9533, 46.5450), (124.9541, 46.5531)]),
    "远航小区路": ("street", [(124.9392, 46.5434), (124.9451, 46.5436)]),
    "商服一条街": ("street", [(124.9450, 46.5424), (124.9535, 46.5422)]),
    "温暖巷": ("street", [(124.9396, 46.5465), (124.9452, 46.5463)]),
    "平房区一巷": ("street", [(124.9267, 46.5498), (124.9327, 46.5500)]),
    "平房区二巷": ("street", [(124.9266, 46.5483), (124.9325, 46.5484)]),
    "平房区三巷": ("street", [(124.9266, 46.5468), (124.9324, 46.5468)]),
    "景山小区路": ("street", [(124.9454, 46.5477), (124.9537, 46.5479)]),
    "大集东路": ("street", [(124.9321, 46.5411), (124.9387, 46.5409)]),
    "景山东路": ("street", [(124.9537, 46.5489), (124.9625, 46.5491)]),
    "东二路": ("street", [(124.9584, 46.5370), (124.9581, 46.5450), (124.9585, 46.5526)]),
    "南北二路": ("street", [(124.9292, 46.5384), (124.9294, 46.5452)]),
}
# Three streets along the rows of grids, from west to east.
ROW_NAMES = ("南七街", "南六街", "南五街")
GREEN = (
    ("远航游园", 124.9424, 46.5443, 0.0013, 0.0006),
    ("景山游园", 124.9560, 46.5470, 0.0016, 0.0008),
    ("", 124.9350, 46.5520, 0.0018, 0.0005),
    ("", 124.9480, 46.5395, 0.0015, 0.0006),
)
POND = (124.9605, 46.5405, 0.0012, 0.0006)
STREET_ROOM = 22  # metres from the middle of a street to the next house
STEP_NORTH, STEP_EAST = 0.00044, 0.00066
METRES_EAST = 76_500  # a degree of longitude at the demo's latitude


def make_streets(community: Community, by: User) -> None:
    """Upload the net for the demo's first community, as its staff would."""
    street_maps.replace(
        community, read_street_map(geojson(), "wgs84"), by=by, source="示意，演示用"
    )


def geojson() -> dict[str, Any]:
    """The net as a FeatureCollection."""
    streets = [("外环路", "main", RING_ROAD)]
    streets += [(name, "main", line) for name, line in zip(ROW_NAMES, _rows(), strict=True)]
    streets += [(name, kind, line) for name, (kind, line) in OTHER_ROADS.items()]
    # The crossing of the front page's story is named 南六街与外环路口.
    streets.sort(key=lambda street: street[0] != "南六街")
    green = [(name, _rectangle(*box)) for name, *box in GREEN]
    pond = _round(*POND)
    houses = _houses([line for _name, _kind, line in streets], [pond, *(r for _n, r in green)])
    return {
        "type": "FeatureCollection",
        "features": [
            *(_feature("LineString", line, kind=kind, name=name) for name, kind, line in streets),
            *(_feature("Polygon", [ring], kind="green", name=name) for name, ring in green),
            _feature("Polygon", [pond], kind="water", name=""),
            *(_feature("Polygon", [ring], kind="block", name="") for ring in houses),
        ],
    }


def _feature(shape, coordinates, **properties):
    geometry = {"type": shape, "coordinates": coordinates}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def _rows():
    """The borders between rows of grids as streets, a little longer than the grids at both ends."""
    rings = {grid.number: grid.boundary["coordinates"][0] for grid in Grid.objects.all()}
    south = [rings[1][0], *(rings[n][1] for n in (1, 2, 3, 4))]
    middle = [rings[1][3], *(rings[n][2] for n in (1, 2, 3, 4))]
    north = [rings[5][3], *(rings[n][2] for n in (5, 6, 7, 8))]
    middle.insert(2, list(RING_ROAD[2]))
    for row in (south, middle, north):
        row.insert(0, [row[0][0] - 0.003, row[0][1]])
        row.append([row[-1][0] + 0.003, row[-1][1]])
    return south, middle, north


def _rectangle(longitude, latitude, wide, tall):
    east, north = longitude + wide, latitude + tall
    corners = [(longitude, latitude), (east, latitude), (east, north), (longitude, north)]
    return [[round(x, 6), round(y, 6)] for x, y in [*corners, corners[0]]]


def _round(longitude, latitude, wide, tall):
    turns = [math.tau * n / 14 for n in range(15)]
    return [
        [round(longitude + wide * math.cos(t), 6), round(latitude + tall * math.sin(t), 6)]
        for t in turns
    ]


def _houses(streets, kept_free):
    """Small houses in rows wherever no street and no green is."""
    dice = random.Random(9)  # noqa: S311 - the same houses every time
    found = []
    latitude = 46.5372
    while latitude < 46.5528:
        longitude = 124.9262
        while longitude < 124.9630:
            wide = dice.uniform(0.00030, 0.00052)
            tall = dice.uniform(0.00016, 0.00024)
            middle = longitude + wide / 2, latitude + tall / 2
            is_free = all(_metres_to(line, middle) > STREET_ROOM for line in streets)
            if is_free and dice.random() < 0.7 and not any(_is_in(r, middle) for r in kept_free):
                found.append(_rectangle(longitude, latitude, wide, tall))
            longitude += STEP_EAST
        latitude += STEP_NORTH
    return found


def _is_in(ring, point):
    longitudes, latitudes = zip(*ring, strict=True)
    room = 0.0003
    return (
        min(longitudes) - room <= point[0] <= max(longitudes) + room
        and min(latitudes) - room <= point[1] <= max(latitudes) + room
    )


def _metres_to(line, point):
    flat = [((x - point[0]) * METRES_EAST, (y - point[1]) * METRES_A_DEGREE) for x, y in line]
    return min(_to_segment(a, b) for a, b in zip(flat, flat[1:], strict=False))


def _to_segment(a, b):
    dx, dy = b[0] - a[0], b[1] - a[1]
    share = -(a[0] * dx + a[1] * dy) / ((dx * dx + dy * dy) or 1)
    share = min(1, max(0, share))
    return math.hypot(a[0] + share * dx, a[1] + share * dy)
