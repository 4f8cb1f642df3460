"""The small map of a case: streets, names, and a pin with its seal; on receipt, sheet and page.

Close up a street is seen, and no border of a grid. Where staff have drawn no streets, the grid's
outline and landmarks tell the place; where there are none of these, words have to do.
"""

from dataclasses import dataclass

from hazards.cases.models.hazards import Hazard
from hazards.cases.models.photo_places import PhotoPlace
from stations.areas.models import Grid, Landmark
from stations.streets.drawing import DrawnGround, draw_ground, has_street, shapes_within
from yuanhang.core.kept_answers import kept
from yuanhang.core.media import svg_map

# SVG units. Shown at this height and cut at the sides, a unit is a pixel or more, so that names
# are at least 15 px high; the inset is what the narrowest phone cuts.
WIDTH, HEIGHT, MARGIN, INSET = 480, 150, 14, 104
PIN = (30, 52, 8)  # to each side of the point, above it, below it
CLOSEST = 0.95  # metres a unit
STEPS = (1, 2.2)  # so much farther away, if no street is seen
NAME_WIDTH = 40  # SVG units that the name of a landmark takes at least
SEEN_CIRCLE = 4  # a smaller circle of error would vanish under the pin


@dataclass(frozen=True)
class PlaceMap:
    """What the SVG needs, in its units: the ground, the grid's outline where there are no streets,
    (name, x, y) of landmarks, the point with its circle of error, and the seal of the kind."""

    width: int
    height: int
    ground: DrawnGround
    outline: str
    landmarks: list[tuple[str, float, float]]
    x: float
    y: float
    error: float
    seal: str
    tone: str


def place_map_of(hazard: Hazard, at: PhotoPlace | None = None) -> PlaceMap | None:
    """The map of a case, or None where nobody knows the point or what is around; a query, two
    or three where no street is drawn.

    `at` is what to show instead of the point of the case.
    """
    if at is None and not hazard.has_point:
        return None
    here = (at.longitude, at.latitude) if at else (hazard.longitude, hazard.latitude)
    metres = getattr(at, "accuracy", None) if at else hazard.accuracy
    scale = max(CLOSEST, (metres or 0) * 2.4 / HEIGHT)
    boxes = [_around(here, scale * step) for step in STEPS]
    shapes = shapes_within(boxes[-1])
    close = next((box for box in boxes if has_street(shapes, box)), None)
    if close is not None:
        return _among_streets(hazard, here, metres, close, shapes)
    grid = hazard.grid if at is None else Grid.objects.containing(at.latitude, at.longitude)
    return _within_the_grid(hazard, grid, here, _landmarks_of(hazard.community_id))


@kept("stations_landmark")
def _landmarks_of(community_id):
    marks = Landmark.objects.filter(community_id=community_id, latitude__isnull=False)
    return tuple(marks.order_by("name"))


def _around(here, scale):
    """The box of degrees that the drawing shows at so many metres a unit."""
    # The pin stands above its point: that lies a little below the middle.
    return svg_map.box_around(*here, wide=WIDTH * scale, tall=HEIGHT * scale, above=0.62)


def _among_streets(hazard, here, metres, box, shapes):
    drawing = svg_map.fit(box, width=WIDTH, height=HEIGHT, margin=0)
    x, y = drawing.project(*here)
    aside, above, below = PIN
    pin = (x - aside, y - above, x + aside, y + below)
    error = (metres or 0) * drawing.units_a_metre
    return PlaceMap(
        width=WIDTH,
        height=HEIGHT,
        ground=draw_ground(shapes, drawing, taken=[pin], inset=INSET),
        outline="",
        landmarks=[],
        x=x,
        y=y,
        error=round(error, 1) if error > SEEN_CIRCLE else 0,
        seal=hazard.category.seal,
        tone=hazard.sign.tone,
    )


def _within_the_grid(hazard, grid, here, marks):
    """The grid's outline with its landmarks, or None where there is neither."""
    ring = grid.boundary["coordinates"][0] if grid else []
    near = [
        mark
        for mark in marks
        if abs(mark.longitude - here[0]) < 0.006 and abs(mark.latitude - here[1]) < 0.003
    ]
    if not ring and not near:
        return None
    frame = ring or [(mark.longitude, mark.latitude) for mark in near]
    drawing = svg_map.fit(
        svg_map.bounds_of([*frame, here]), width=WIDTH, height=HEIGHT, margin=MARGIN
    )
    placed = [(mark.name, *drawing.project(mark.longitude, mark.latitude)) for mark in marks]
    x, y = drawing.project(*here)
    return PlaceMap(
        width=WIDTH,
        height=HEIGHT,
        ground=DrawnGround(),
        outline=drawing.outline(ring),
        landmarks=[
            mark
            for mark in placed
            if INSET < mark[1] < WIDTH - INSET - NAME_WIDTH and 12 < mark[2] < HEIGHT - 12
        ],
        x=x,
        y=y,
        error=0,
        seal=hazard.category.seal,
        tone=hazard.sign.tone,
    )
