"""The grids of a community as a small map of our own drawing: what was looked through, and when.

Pure; north is up, a degree of longitude is narrowed by the cosine of the latitude.
"""

import math
from dataclasses import dataclass
from datetime import datetime

WIDTH, MARGIN = 360, 10
TALLEST = 300


@dataclass(frozen=True)
class Patch:
    """One grid on the map: its outline as SVG points, its middle, and when somebody looked."""

    grid: object
    seen_at: datetime | None
    points: str
    x: float
    y: float


def patches(grids, seen):
    """(height of the drawing, `Patch`es) of Grids in their order.

    `seen` maps primary keys of grids to the latest moment somebody looked there.
    """
    if not grids:
        return 0, []
    west, east = min(g.west for g in grids), max(g.east for g in grids)
    south, north = min(g.south for g in grids), max(g.north for g in grids)
    narrow = math.cos(math.radians((south + north) / 2))
    wide, tall = (east - west) * narrow, north - south
    scale = min((WIDTH - 2 * MARGIN) / wide, (TALLEST - 2 * MARGIN) / tall)
    left = (WIDTH - wide * scale) / 2

    def project(longitude, latitude):
        x = left + (longitude - west) * narrow * scale
        return round(x, 1), round(MARGIN + (north - latitude) * scale, 1)

    drawn = []
    for grid in grids:
        ring = [project(*point[:2]) for point in grid.boundary["coordinates"][0]]
        latitude, longitude = grid.centre
        x, y = project(longitude, latitude)
        points = " ".join(f"{px},{py}" for px, py in ring)
        drawn.append(Patch(grid, seen.get(grid.pk), points, x, y))
    return round(tall * scale + 2 * MARGIN), drawn
