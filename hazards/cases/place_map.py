"""The small map of a case, on sheet and receipt: the grid's outline, landmarks, the point."""

from dataclasses import dataclass

from hazards.cases.models.hazards import Hazard
from hazards.cases.models.photo_places import PhotoPlace
from stations.areas.models import Landmark
from yuanhang.core.media import svg_map

WIDTH, HEIGHT, MARGIN = 360, 240, 14  # SVG units
# What is shown around a point outside every grid, in degrees: about 800 by 650 metres.
AROUND_LONGITUDE, AROUND_LATITUDE = 0.005, 0.003
NAME_WIDTH = 40  # SVG units that the name of a landmark takes at least


@dataclass(frozen=True)
class PlaceMap:
    """What the SVG needs: the outline, (name, x, y) of landmarks, and the point."""

    width: int
    height: int
    outline: str
    landmarks: list[tuple[str, float, float]]
    x: float
    y: float


def place_map_of(hazard: Hazard, at: PhotoPlace | None = None) -> PlaceMap | None:
    """The map of a case, or None where nobody knows the point; one query.

    `at` is what to show instead of the point of the case.
    """
    if at is None and not hazard.has_point:
        return None
    ring = hazard.grid.boundary["coordinates"][0] if hazard.grid_id else []
    here = (at.longitude, at.latitude) if at else (hazard.longitude, hazard.latitude)
    frame = ring or [
        (here[0] - AROUND_LONGITUDE, here[1] - AROUND_LATITUDE),
        (here[0] + AROUND_LONGITUDE, here[1] + AROUND_LATITUDE),
    ]
    drawing = svg_map.fit(
        svg_map.bounds_of([*frame, here]), width=WIDTH, height=HEIGHT, margin=MARGIN
    )
    marks = Landmark.objects.filter(community_id=hazard.community_id, latitude__isnull=False)
    placed = [(mark.name, *drawing.project(mark.longitude, mark.latitude)) for mark in marks]
    x, y = drawing.project(*here)
    return PlaceMap(
        width=WIDTH,
        height=HEIGHT,
        outline=drawing.outline(ring),
        landmarks=[
            mark for mark in placed if 0 < mark[1] < WIDTH - NAME_WIDTH and 10 < mark[2] < HEIGHT
        ],
        x=x,
        y=y,
    )
