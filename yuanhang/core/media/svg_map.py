"""Drawn maps: WGS-84 degrees onto the plane of an SVG. Pure; every map of ours is drawn by it.

North is up; a degree of longitude is narrowed by the cosine of the middle latitude
(equirectangular projection), which over a few kilometres is off by less than a line's width.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

METRES_A_DEGREE = 111_195  # of latitude


@dataclass(frozen=True)
class Bounds:
    """A box of WGS-84 degrees."""

    west: float
    south: float
    east: float
    north: float


def bounds_of(points: Iterable[Sequence[float]]) -> Bounds:
    """The box around (longitude, latitude) points, of which there is at least one."""
    longitudes, latitudes = zip(*((point[0], point[1]) for point in points), strict=True)
    return Bounds(min(longitudes), min(latitudes), max(longitudes), max(latitudes))


def box_around(
    longitude: float, latitude: float, *, wide: float, tall: float, above: float = 0.5
) -> Bounds:
    """The box of so many metres around a point, of which the share `above` lies to its north."""
    height = tall / METRES_A_DEGREE
    width = wide / METRES_A_DEGREE / math.cos(math.radians(latitude))
    south = latitude - height * (1 - above)
    return Bounds(longitude - width / 2, south, longitude + width / 2, south + height)


@dataclass(frozen=True)
class Drawing:
    """A drawing of `width` by `height` SVG units that shows a box, as large as it fits."""

    bounds: Bounds
    width: int
    height: int
    left: float
    top: float
    narrow: float
    scale: float  # SVG units a degree of latitude

    @property
    def units_a_metre(self) -> float:
        """How long a metre is drawn, in SVG units."""
        return self.scale / METRES_A_DEGREE

    def project(self, longitude: float, latitude: float) -> tuple[float, float]:
        """(x, y) of a point, in SVG units to one decimal."""
        x = self.left + (longitude - self.bounds.west) * self.narrow * self.scale
        y = self.top + (self.bounds.north - latitude) * self.scale
        return round(x, 1), round(y, 1)

    def outline(self, ring: Iterable[Sequence[float]]) -> str:
        """A ring of (longitude, latitude, …) points as the `points` of an SVG polygon."""
        points = (self.project(point[0], point[1]) for point in ring)
        return " ".join(f"{x},{y}" for x, y in points)


def fit(bounds: Bounds, *, width: int, height: int, margin: int, shrinks: bool = False) -> Drawing:
    """The drawing of a box within a frame in SVG units, in its middle.

    With `shrinks` the frame is only as high as what it shows.
    """
    narrow = math.cos(math.radians((bounds.south + bounds.north) / 2))
    # A single point has no extent; any scale shows it.
    wide = max((bounds.east - bounds.west) * narrow, 1e-9)
    tall = max(bounds.north - bounds.south, 1e-9)
    scale = min((width - 2 * margin) / wide, (height - 2 * margin) / tall)
    if shrinks:
        height = round(tall * scale + 2 * margin)
    return Drawing(
        bounds=bounds,
        width=width,
        height=height,
        left=(width - wide * scale) / 2,
        top=float(margin) if shrinks else (height - tall * scale) / 2,
        narrow=narrow,
        scale=scale,
    )
