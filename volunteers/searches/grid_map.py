"""The grids of a community as a small map: what was looked through, and when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from stations.areas.models import Grid
from yuanhang.core.media import svg_map

WIDTH, HEIGHT_MAX, MARGIN = 360, 300, 10  # SVG units


@dataclass(frozen=True)
class Patch:
    """One grid on the map: its outline as SVG points, its middle, and when somebody looked."""

    grid: Grid
    seen_at: datetime | None
    points: str
    x: float
    y: float


def patches(grids: Sequence[Grid], seen: Mapping[int, datetime]) -> tuple[int, list[Patch]]:
    """(height of the drawing, `Patch`es) of grids in their order.

    `seen` maps primary keys of grids to the latest moment somebody looked there.
    """
    if not grids:
        return 0, []
    corners = [corner for g in grids for corner in ((g.west, g.south), (g.east, g.north))]
    drawing = svg_map.fit(
        svg_map.bounds_of(corners), width=WIDTH, height=HEIGHT_MAX, margin=MARGIN, shrinks=True
    )
    drawn = []
    for grid in grids:
        latitude, longitude = grid.centre
        x, y = drawing.project(longitude, latitude)
        outline = drawing.outline(grid.boundary["coordinates"][0])
        drawn.append(Patch(grid, seen.get(grid.pk), outline, x, y))
    return drawing.height, drawn
