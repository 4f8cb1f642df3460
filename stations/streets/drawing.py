"""The ground within a drawing of ours: what a server-drawn map shows under its pins.

Order: green, water, blocks, streets with casing, then names where nothing else stands.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import atan2, ceil, hypot, pi

from stations.streets.models import MapShape
from yuanhang.core.kept_answers import kept
from yuanhang.core.media.svg_map import Bounds, Drawing

STREET_METRES = {MapShape.Kind.MAIN: 15, MapShape.Kind.STREET: 8}
THINNEST = {MapShape.Kind.MAIN: 5, MapShape.Kind.STREET: 3}  # SVG units
CASING = 3
PATCHES = (MapShape.Kind.GREEN, MapShape.Kind.WATER, MapShape.Kind.BLOCK)
LETTER, LINE_HEIGHT, EVERY = 16, 22, 16  # SVG units; at one pixel a unit names are 15 px high
Box = tuple[float, float, float, float]  # left, top, right, bottom
Point = tuple[float, float]


@dataclass(frozen=True)
class DrawnGround:
    """What the template draws, in SVG units.

    `patches` are (kind, points), `edges` and `ways` (points, width), `names` (name, x, y).
    """

    patches: list[tuple[str, str]] = field(default_factory=list)
    edges: list[tuple[str, float]] = field(default_factory=list)
    ways: list[tuple[str, float]] = field(default_factory=list)
    names: list[tuple[str, float, float]] = field(default_factory=list)


@kept("stations_mapshape")
def shapes_within(bounds: Bounds) -> tuple[MapShape, ...]:
    """The shapes that lie in a box of degrees at all; kept until the map changes."""
    return tuple(
        MapShape.objects.filter(
            south__lte=bounds.north,
            north__gte=bounds.south,
            west__lte=bounds.east,
            east__gte=bounds.west,
        )
    )


def has_street(shapes: Iterable[MapShape], bounds: Bounds) -> bool:
    """Whether a street may be seen in a box."""
    return any(
        shape.kind in MapShape.LINES
        and shape.south <= bounds.north
        and shape.north >= bounds.south
        and shape.west <= bounds.east
        and shape.east >= bounds.west
        for shape in shapes
    )


def draw_ground(
    shapes: Sequence[MapShape],
    drawing: Drawing,
    *,
    taken: Sequence[Box] = (),
    inset: float = 0,
    letter: float = LETTER,
) -> DrawnGround:
    """The shapes as a drawing shows them.

    Names cover none of the boxes `taken` and stay `inset` units away from the left and right
    edge, of which a narrow screen may cut so much off. `letter` is the width of one character.
    """
    drawn = DrawnGround()
    points = [(shape, [drawing.project(*pair) for pair in shape.points]) for shape in shapes]
    for kind in PATCHES:
        drawn.patches.extend((kind, _text(line)) for shape, line in points if shape.kind == kind)
    streets = [(shape, line) for shape, line in points if shape.kind in MapShape.LINES]
    for shape, line in streets:
        wide = round(
            max(THINNEST[shape.kind], STREET_METRES[shape.kind] * drawing.units_a_metre), 1
        )
        drawn.edges.append((_text(line), wide + CASING))
        drawn.ways.append((_text(line), wide))
    named = sorted((s for s in streets if s[0].name), key=lambda s: s[0].kind != MapShape.Kind.MAIN)
    lines = [(shape.name, line) for shape, line in named]
    drawn.names.extend(_names(lines, drawing, list(taken), inset, letter))
    return drawn


def _text(points: Iterable[Point]) -> str:
    return " ".join(f"{x},{y}" for x, y in points)


def _names(lines, drawing, boxes, inset, letter):
    """Each name once: beside the middle of the drawing, where it is free."""
    done = set()
    middle = drawing.width / 2, drawing.height / 2
    for name, _line in lines:
        if name in done:
            continue
        done.add(name)
        spots = [spot for other, line in lines if other == name for spot in _spots(line)]
        spots.sort(key=lambda spot: hypot(spot[0] - middle[0], spot[1] - middle[1]))
        found = _first_free(spots, len(name) * letter / 2, drawing, boxes, inset)
        if found:
            x, y, box = found
            boxes.append((box[0] - 14, box[1] - 8, box[2] + 14, box[3] + 8))
            yield name, round(x, 1), round(y, 1)


def _spots(line):
    """(x, y, whether the street is steep there) along a street."""
    for (ax, ay), (bx, by) in zip(line, line[1:], strict=False):
        length = hypot(bx - ax, by - ay)
        steps = min(300, max(1, ceil(length / EVERY)))
        steep = pi / 4 < abs(atan2(by - ay, bx - ax)) < 3 * pi / 4
        for n in range(steps + 1):
            yield ax + (bx - ax) * n / steps, ay + (by - ay) * n / steps, steep


def _first_free(spots, half, drawing, boxes, inset):
    for x, y, steep in spots:
        # Across a steep street a name stands beside it.
        for aside in (half + 12, -half - 12, 0) if steep else (0,):
            box = (
                x + aside - half,
                y - LINE_HEIGHT / 2,
                x + aside + half,
                y + LINE_HEIGHT / 2,
            )
            seen = box[0] >= inset and box[2] <= drawing.width - inset
            seen = seen and box[1] >= 2 and box[3] <= drawing.height - 2
            if seen and not any(_overlap(box, other) for other in boxes):
                return x + aside, y, box
    return None


def _overlap(one, other):
    return not (one[2] < other[0] or one[0] > other[2] or one[3] < other[1] or one[1] > other[3])
