"""The grids of a community as a small map: what was looked through, and when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from stations.areas.models import Grid
from stations.streets.drawing import DrawnGround, draw_ground, shapes_within
from yuanhang.core.media import svg_map

WIDTH, HEIGHT_MAX, MARGIN = 360, 300, 10  # SVG units
LETTER = 20  # the drawing shrinks with the phone: at 290 px its names are still 15 px high


@dataclass(frozen=True)
class Patch:
    """One grid on the map: its outline as SVG points, its middle, and when somebody looked."""

    grid: Grid
    seen_at: datetime | None
    points: str
    x: float
    y: float


@dataclass(frozen=True)
class GridMap:
    """The drawing: its height in SVG units, the streets beneath, and a `Patch` for each grid."""

    height: int
    ground: DrawnGround
    patches: list[Patch]


def grid_map_of(grids: Sequence[Grid], seen: Mapping[int, datetime]) -> GridMap:
    """The map of grids in their order; one query.

    `seen` maps primary keys of grids to the latest moment somebody looked there.
    """
    if not grids:
        return GridMap(0, DrawnGround(), [])
    corners = [corner for g in grids for corner in ((g.west, g.south), (g.east, g.north))]
    bounds = svg_map.bounds_of(corners)
    drawing = svg_map.fit(bounds, width=WIDTH, height=HEIGHT_MAX, margin=MARGIN, shrinks=True)
    drawn = []
    for grid in grids:
        latitude, longitude = grid.centre
        x, y = drawing.project(longitude, latitude)
        outline = drawing.outline(grid.boundary["coordinates"][0])
        drawn.append(Patch(grid, seen.get(grid.pk), outline, x, y))
    # What is seen of the map is the grids' numbers: street names keep off them.
    numbers = [(one.x - 26, one.y - 14, one.x + 26, one.y + 14) for one in drawn]
    shapes = [shape for shape in shapes_within(bounds) if shape.kind != "block"]
    ground = draw_ground(shapes, drawing, taken=numbers, letter=LETTER)
    return GridMap(drawing.height, ground, drawn)
