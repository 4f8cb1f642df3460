"""Street maps as GeoJSON: what staff upload becomes plain shapes and landmarks, or clear words.

Read strictly: one shape that cannot be understood, and nothing of the file is taken.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from stations.streets.models import NAME_MAX, MapShape
from yuanhang.core import geo
from yuanhang.core.fields import CarefulDecoder
from yuanhang.core.located_form import to_wgs84
from yuanhang.core.text import clean, is_visible

BYTES_MAX = 2_000_000
SHAPES_MAX = 3000
POINTS_MAX = 20_000  # everybody's map draws them
LANDMARKS_MAX = 200
DECIMALS = 6  # a decimetre
Kind = MapShape.Kind
LANDMARK = "landmark"
# What a `kind` may say, in the words of our own list or of whoever draws.
KINDS = {
    **{kind.value: kind.value for kind in Kind},
    "大路": Kind.MAIN,
    "主路": Kind.MAIN,
    "小路": Kind.STREET,
    "街": Kind.STREET,
    "路": Kind.STREET,
    "街道": Kind.STREET,
    "房子": Kind.BLOCK,
    "楼": Kind.BLOCK,
    "街区": Kind.BLOCK,
    "绿地": Kind.GREEN,
    "水面": Kind.WATER,
    LANDMARK: LANDMARK,
    "地标": LANDMARK,
}
SHAPE_OF = {
    "Point": "point",
    "LineString": "line",
    "MultiLineString": "line",
    "Polygon": "patch",
    "MultiPolygon": "patch",
}
# What a shape is where its properties do not say.
DEFAULTS = {"point": LANDMARK, "line": Kind.STREET, "patch": Kind.BLOCK}
FITS = {LANDMARK: "point", Kind.MAIN: "line", Kind.STREET: "line"}  # all others are patches
Pair = tuple[float, float]


@dataclass(frozen=True)
class ReadShape:
    """A street or a patch: kind, name and (longitude, latitude) points in WGS-84."""

    kind: str
    name: str
    points: list[Pair]

    @property
    def box(self) -> dict[str, float]:
        """Its bounding box, as fields of `MapShape`."""
        longitudes, latitudes = zip(*self.points, strict=True)
        return {
            "south": min(latitudes),
            "west": min(longitudes),
            "north": max(latitudes),
            "east": max(longitudes),
        }


@dataclass(frozen=True)
class ReadMap:
    """What a file holds: shapes, and landmarks by name with their (longitude, latitude)."""

    shapes: list[ReadShape]
    landmarks: dict[str, Pair]


class _RefusedError(Exception):
    """Why a single shape is not taken; the reader adds which one."""


def _refusal(words: Any) -> ValidationError:
    return ValidationError(words, code="street_map")


def check_bytes(size: int) -> None:
    """Refuse, before it is read, what is too large to be looked into."""
    if size > BYTES_MAX:
        words = _("这份图有 %(size).1f MB，最多 2 MB。去掉用不着的再传。")
        raise _refusal(words % {"size": size / 1_000_000})


def read_text(data: bytes | str) -> Any:
    """What a file or a paste says, as JSON. Raises ValidationError with Chinese words."""
    check_bytes(len(data.encode()) if isinstance(data, str) else len(data))
    try:
        text = data if isinstance(data, str) else data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refusal(_("这个文件不是 UTF-8 的文字，导出时选 UTF-8。")) from error
    try:
        return json.loads(text.removeprefix("\ufeff"), cls=CarefulDecoder)
    except ValueError as error:
        raise _refusal(_("这不是 GeoJSON，看看是不是选错了文件。")) from error


def read_street_map(content: Any, datum: str) -> ReadMap:
    """The shapes and landmarks of a FeatureCollection whose coordinates are in `datum`.

    `kind` and `name` stand in a feature's properties; without a kind lines are streets, polygons
    blocks and points landmarks. Raises ValidationError with Chinese words that name the shape.
    """
    features = content.get("features") if isinstance(content, Mapping) else None
    if not isinstance(features, list) or content.get("type") != "FeatureCollection":
        raise _refusal(_("要一份 FeatureCollection（一整张图），不是单个图形。"))
    if not features:
        raise _refusal(_("这份图是空的。不要底图了，用页面下面的「删除」。"))
    shapes: list[ReadShape] = []
    landmarks: dict[str, Pair] = {}
    for number, feature in enumerate(features, start=1):
        try:
            for read in _read_feature(feature, datum):
                if read.kind == LANDMARK:
                    landmarks[read.name] = read.points[0]
                else:
                    shapes.append(read)
        except _RefusedError as refused:
            words = _("第 %(n)d 个图形：%(why)s")
            raise _refusal(words % {"n": number, "why": refused.args[0]}) from refused
    _check_size(shapes, landmarks)
    return ReadMap(shapes, landmarks)


def _check_size(shapes: list[ReadShape], landmarks: dict[str, Pair]) -> None:
    limits = (
        (len(shapes), SHAPES_MAX, _("这份图有 %(n)d 个图形，最多 %(most)d 个。")),
        (
            sum(len(shape.points) for shape in shapes),
            POINTS_MAX,
            _("这份图有 %(n)d 个点，手机画不动。简化到 %(most)d 个以内再传。"),
        ),
        (len(landmarks), LANDMARKS_MAX, _("这份图有 %(n)d 个地标，最多 %(most)d 个。")),
    )
    for found, most, words in limits:
        if found > most:
            raise _refusal(words % {"n": found, "most": most})


def _read_feature(feature: Any, datum: str) -> Iterator[ReadShape]:
    geometry = feature.get("geometry") if isinstance(feature, Mapping) else None
    if not isinstance(geometry, Mapping):
        raise _RefusedError(_("里面没有线、面或点。"))
    form = SHAPE_OF.get(str(geometry.get("type")))
    if form is None:
        raise _RefusedError(
            _("只认点、线和面，不认「%(type)s」。") % {"type": geometry.get("type")}
        )
    facts = feature.get("properties")
    facts = facts if isinstance(facts, Mapping) else {}
    kind, name = _kind(facts, form), _name(facts)
    if kind == LANDMARK and not name:
        raise _RefusedError(_("地标要有名字（name）。"))
    for part in _parts(geometry):
        yield ReadShape(kind, name, _points(part, form, datum))


def _kind(facts: Mapping[str, Any], form: str) -> str:
    said = facts.get("kind")
    if said in (None, ""):
        return DEFAULTS[form]
    kind = KINDS.get(said) if isinstance(said, str) else None
    if kind is None:
        words = _("不认得种类「%(kind)s」，写：大路、小路、房子、绿地、水面、地标。")
        raise _RefusedError(words % {"kind": str(said)[:20]})
    if FITS.get(kind, "patch") != form:
        raise _RefusedError(
            _("「%(kind)s」和它的形状对不上：路是线，房子、绿地是面。") % {"kind": said}
        )
    return kind


def _name(facts: Mapping[str, Any]) -> str:
    said = facts.get("name")
    if said is None:
        return ""
    if not isinstance(said, str):
        raise _RefusedError(_("名字（name）要是文字。"))
    name = " ".join(clean(said).split())
    if not is_visible(name):
        return ""
    if len(name) > NAME_MAX:
        raise _RefusedError(_("名字太长了，最多 %(most)d 个字。") % {"most": NAME_MAX})
    return name


def _parts(geometry: Mapping[str, Any]) -> list[Any]:
    """The lists of points of a geometry. Of a polygon its outer ring: a map draws no holes."""
    kind, found = geometry["type"], geometry.get("coordinates")
    if kind == "Point":
        return [[found]]
    if not isinstance(found, list | tuple) or not found:
        raise _RefusedError(_("没有坐标。"))
    if kind == "LineString":
        return [found]
    if kind == "MultiLineString":
        return found
    rings = [found] if kind == "Polygon" else found
    if not all(isinstance(ring, list | tuple) and ring for ring in rings):
        raise _RefusedError(_("没有坐标。"))
    return [ring[0] for ring in rings]


def _points(part: Any, form: str, datum: str) -> list[Pair]:
    if not isinstance(part, list | tuple):
        raise _RefusedError(_("坐标要是一列「经度，纬度」。"))
    points: list[Pair] = []
    for value in part:
        point = _point(value, datum)
        if not points or point != points[-1]:
            points.append(point)
    if form == "patch" and len(points) > 1 and points[0] == points[-1]:
        points.pop()  # drawn closed anyway
    least = {"point": 1, "line": 2, "patch": 3}[form]
    if len(set(points)) < least:
        raise _RefusedError(_("点太少，画不成。"))
    return points


def _point(value: Any, datum: str) -> Pair:
    if not isinstance(value, list | tuple) or len(value) < 2:
        raise _RefusedError(_("坐标要是一列「经度，纬度」。"))
    x, y = value[0], value[1]
    if not all(isinstance(n, int | float) and not isinstance(n, bool) for n in (x, y)):
        raise _RefusedError(_("坐标要是数字。"))
    if not (-180 <= x <= 180 and -90 <= y <= 90):
        raise _RefusedError(_("经纬度超出范围，注意先经度后纬度。"))
    latitude, longitude = to_wgs84(float(y), float(x), datum)
    return round(longitude, DECIMALS), round(latitude, DECIMALS)


def metres_off(read: ReadMap, latitude: float, longitude: float) -> float:
    """How far the farthest point of a map lies from a place, in metres."""
    pairs = [pair for shape in read.shapes for pair in shape.points]
    pairs += read.landmarks.values()
    return max(geo.distance(latitude, longitude, pair[1], pair[0]) for pair in pairs)
