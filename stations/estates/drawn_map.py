"""The drawn map of an estate: its streets and outline, numbered buildings, gates as seals."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from stations.estates.gates import is_old
from stations.estates.models import EstateFact
from stations.estates.presenter import EstatePage, FactRow
from stations.streets.drawing import Box, DrawnGround, draw_ground, shapes_within
from yuanhang.core import geo
from yuanhang.core.media import svg_map
from yuanhang.core.media.svg_map import Bounds, Drawing

# SVG units; on a phone one is about a pixel.
WIDTH, HEIGHT, MARGIN = 360, 280, 52
SHEET_WIDTH, SHEET_HEIGHT = 680, 560
ALONE_METRES = 260  # what is shown around a single point
SEAL, AWAY = 30, 32  # the side of a seal, and how far its middle lies from its point
LETTER = 10
# A house as it is drawn, in metres and in SVG units at least and at most.
HOUSE_METRES, TALL, WIDE = (34, 14), (22, 40), (28, 66)
# Where a seal may stand, seen from its point: above first, as a pin does.
SIDES = ((0, -1), (0, 1), (1, 0), (-1, 0), (0.8, -0.8), (-0.8, -0.8), (0.8, 0.8), (-0.8, 0.8))
BESIDE = 15  # metres: nearer than that to the middle there is no direction
DIRECTIONS = tuple(map(_, ("北边", "东北边", "东边", "东南边", "南边", "西南边", "西边", "西北边")))


@dataclass(frozen=True)
class House:
    """A building: its number in a box around (x, y), `wide` units; `asked` is the wanted one."""

    number: str
    x: float
    y: float
    wide: float
    tall: float
    asked: bool

    @property
    def left(self) -> float:
        """Of its box."""
        return round(self.x - self.wide / 2, 1)

    @property
    def top(self) -> float:
        """Of its box."""
        return round(self.y - self.tall / 2, 1)

    @property
    def box(self) -> Box:
        """What it covers."""
        half = self.tall / 2
        return (self.left, self.y - half, self.left + self.wide, self.y + half)


@dataclass(frozen=True)
class Pin:
    """A seal that stands beside its point, tied to it by a line; and where it lies in words."""

    seal: str
    tone: str
    x: float
    y: float
    seal_x: float
    seal_y: float
    words: str

    @property
    def box(self) -> Box:
        """What its seal covers, with a little room."""
        half = SEAL / 2 + 2
        return (self.seal_x - half, self.seal_y - half, self.seal_x + half, self.seal_y + half)


@dataclass(frozen=True)
class EstateMap:
    """What the template draws, in SVG units."""

    width: int
    height: int
    ground: DrawnGround
    outline: str
    houses: list[House]
    pins: list[Pin]


def map_of(page: EstatePage, *, width: int = WIDTH, height: int = HEIGHT) -> EstateMap | None:
    """The map of an estate, or None where nobody knows a point of it; a query at most."""
    rows = [row for row in page.rows if row.shown and row.shown.has_point]
    box = _box_of(page, rows)
    if box is None:
        return None
    drawing = svg_map.fit(box, width=width, height=height, margin=MARGIN)
    houses = _houses(page, drawing)
    pins = _pins(rows, drawing, [house.box for house in houses])
    taken = [*(house.box for house in houses), *(pin.box for pin in pins)]
    boundary = page.estate.boundary
    return EstateMap(
        width=width,
        height=height,
        ground=draw_ground(shapes_within(_seen(drawing)), drawing, taken=taken, inset=4),
        outline=drawing.outline(boundary["coordinates"][0]) if boundary else "",
        houses=houses,
        pins=pins,
    )


def _box_of(page: EstatePage, rows: Sequence[FactRow]) -> Bounds | None:
    points = [(one.longitude, one.latitude) for one in page.buildings]
    points += [(row.shown.longitude, row.shown.latitude) for row in rows if row.shown]
    if page.estate.boundary:
        points += [(pair[0], pair[1]) for pair in page.estate.boundary["coordinates"][0]]
    if page.estate.has_point and len(set(points)) < 2:
        points.append((page.estate.longitude, page.estate.latitude))
    if not points:
        return None
    if len(set(points)) == 1:
        return svg_map.box_around(*points[0], wide=ALONE_METRES, tall=ALONE_METRES * 0.7)
    return svg_map.bounds_of(points)


def _seen(drawing: Drawing) -> Bounds:
    """All that the frame shows, with what lies beyond the box."""
    box = drawing.bounds
    east = (drawing.width - 2 * drawing.left) / 2 / drawing.scale + drawing.left / drawing.scale
    north = drawing.height / drawing.scale / 2
    middle = (box.south + box.north) / 2
    centre = (box.west + box.east) / 2
    east /= drawing.narrow
    return Bounds(centre - east, middle - north, centre + east, middle + north)


def _houses(page: EstatePage, drawing: Drawing) -> list[House]:
    """Each building with its number; of two that would cover each other the first, or the one
    that was asked for."""
    found: list[House] = []
    order = sorted(page.buildings, key=lambda one: one.number != page.building)
    for one in order:
        x, y = drawing.project(one.longitude, one.latitude)
        wide, tall = (
            round(min(max(metres * drawing.units_a_metre, least), most), 1)
            for metres, (least, most) in zip(HOUSE_METRES, (WIDE, TALL), strict=True)
        )
        # A word such as 门诊 takes more room than a number.
        wide = max(wide, 12 + sum(LETTER if char.isascii() else 17 for char in one.number))
        house = House(one.number, x, y, wide, tall, one.number == page.building)
        if not any(_overlap(house.box, other.box) for other in found):
            found.append(house)
    return found


def _pins(rows: Sequence[FactRow], drawing: Drawing, taken: list[Box]) -> list[Pin]:
    """Gates first: their seals get the free places; none covers a building or another seal."""
    boxes, pins = list(taken), []
    for row in sorted(rows, key=lambda row: row.fact.kind != EstateFact.Kind.GATE):
        version = row.shown
        if version is None:
            continue
        x, y = drawing.project(version.longitude, version.latitude)
        pin = min(_places(row, x, y, drawing), key=lambda pin: _trouble(pin, boxes, drawing))
        boxes.append(pin.box)
        pins.append(pin)
    return pins


def _places(row, x, y, drawing):
    tone = "slate" if is_old(row.shown) else row.tone
    words = _lies(row, drawing)
    for away in (AWAY, AWAY * 1.6):
        for east, south in SIDES:
            yield Pin(
                row.seal, tone, x, y, round(x + east * away, 1), round(y + south * away, 1), words
            )


def _trouble(pin: Pin, boxes: Sequence[Box], drawing: Drawing) -> int:
    """How many others its seal would cover; a place outside of the frame is none."""
    left, top, right, bottom = pin.box
    is_out = left < 0 or top < 0 or right > drawing.width or bottom > drawing.height
    return 100 * is_out + sum(_overlap(pin.box, box) for box in boxes)


def _lies(row: FactRow, drawing: Drawing) -> str:
    """「北门，电动车能进（北边）」: what the map shows, for whoever does not see it."""
    box, version = drawing.bounds, row.shown
    middle = (box.south + box.north) / 2, (box.west + box.east) / 2
    point = version.latitude, version.longitude
    if geo.distance(*middle, *point) < BESIDE:
        return f"{row.title}（{_('中间')}）"
    side = DIRECTIONS[round(geo.bearing(*middle, *point) / 45) % 8]
    return f"{row.title}（{side}）"


def _overlap(one: Box, other: Box) -> bool:
    return not (one[2] < other[0] or one[0] > other[2] or one[3] < other[1] or one[1] > other[3])
