"""The boundary of a grid: what people paste as GeoJSON becomes one plain polygon, or words."""

from collections.abc import Mapping
from math import isfinite
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from yuanhang.core.located_form import to_wgs84

if TYPE_CHECKING:
    from shapely.geometry import Polygon

POINTS_MAX = 2000  # everybody's map draws them
SIDE_MIN = 0.00005  # degrees, about five metres: less is a slip of the hand
NO_POLYGON = _("边界不是有效的 GeoJSON 多边形。")


def _refusal(words: Any) -> ValidationError:
    return ValidationError(words, code="boundary")


def _part(value: Any, name: str) -> Any:
    """A member of a GeoJSON object; None where there is no such thing."""
    return value.get(name) if isinstance(value, Mapping) else None


def _the_only_one(value: Any, name: str) -> Any:
    """The one shape in a list of them."""
    found = _part(value, name)
    if not isinstance(found, list | tuple) or not found:
        raise _refusal(_("这份 GeoJSON 里没有图形。"))
    if len(found) > 1:
        words = _("这份 GeoJSON 里有 %(n)d 个图形，只留这个网格的那一个。")
        raise _refusal(words % {"n": len(found)})
    return found[0]


def _rings(boundary: Any) -> list[list[tuple[float, float]]]:
    """The rings of the one polygon that was pasted, out of whatever a map program put around it."""
    if _part(boundary, "type") == "FeatureCollection":
        boundary = _the_only_one(boundary, "features")
    if _part(boundary, "type") == "Feature":
        boundary = _part(boundary, "geometry")
    if _part(boundary, "type") == "GeometryCollection":
        boundary = _the_only_one(boundary, "geometries")
    kind, rings = _part(boundary, "type"), _part(boundary, "coordinates")
    if not isinstance(kind, str) or not isinstance(rings, list | tuple):
        raise _refusal(NO_POLYGON)
    if kind == "MultiPolygon" and len(rings) > 1:
        words = _(
            "贴的边界分成了 %(n)d 块，一个网格只能是连着的一块。并成一块再贴，或者分成几个网格。"
        )
        raise _refusal(words % {"n": len(rings)})
    if kind not in ("Polygon", "MultiPolygon") or not rings or not rings[0]:
        raise _refusal(_("边界要是一个不自交的多边形。"))
    rings = rings[0] if kind == "MultiPolygon" else rings
    if not isinstance(rings, list | tuple):
        raise _refusal(NO_POLYGON)
    return [_pairs(ring) for ring in rings]


def _pairs(ring: Any) -> list[tuple[float, float]]:
    """The points of a ring, without heights."""
    if not isinstance(ring, list | tuple):
        raise _refusal(NO_POLYGON)
    return [_pair(point) for point in ring]


def _pair(point: Any) -> tuple[float, float]:
    if not isinstance(point, list | tuple) or len(point) < 2:
        raise _refusal(NO_POLYGON)
    try:
        # Some programs write numbers as text.
        x, y = float(point[0]), float(point[1])
    except (TypeError, ValueError, OverflowError) as error:
        raise _refusal(NO_POLYGON) from error
    if not (isfinite(x) and isfinite(y)):
        raise _refusal(NO_POLYGON)
    return x, y


def polygon_of(boundary: Any) -> "Polygon":
    """The Shapely polygon of what was pasted (longitude, latitude, WGS-84).

    Raises ValidationError with a Chinese message when it is none, crosses itself or is empty.
    """
    from shapely.errors import ShapelyError  # noqa: PLC0415 - 18 MB that few pages need
    from shapely.geometry import Polygon  # noqa: PLC0415

    outer, *holes = _rings(boundary)
    try:
        polygon = Polygon(outer, holes)
    except (ValueError, ShapelyError) as error:  # fewer than three points
        raise _refusal(NO_POLYGON) from error
    if polygon.is_empty or not polygon.is_valid:
        raise _refusal(_("边界要是一个不自交的多边形。"))
    west, south, east, north = polygon.bounds
    if not (west >= -180 and east <= 180 and south >= -90 and north <= 90):
        raise _refusal(_("边界的经纬度超出范围，注意先经度后纬度。"))
    if east - west < SIDE_MIN or north - south < SIDE_MIN:
        raise _refusal(_("这个边界小得只有几米，看看是不是贴错了。"))
    points = sum(len(ring.coords) for ring in (polygon.exterior, *polygon.interiors))
    if points > POINTS_MAX:
        words = _("边界有 %(n)d 个点，地图画不动。简化到 %(most)d 个以内再贴。")
        raise _refusal(words % {"n": points, "most": POINTS_MAX})
    return polygon


def geojson_of(polygon: "Polygon") -> dict[str, Any]:
    """A polygon as it is stored: type and closed rings of pairs, and nothing else."""
    rings = polygon.__geo_interface__["coordinates"]
    return {
        "type": "Polygon",
        "coordinates": [[[x, y] for x, y in ring] for ring in rings],
    }


def in_wgs84(boundary: Any, datum: str) -> dict[str, Any]:
    """What was pasted in a datum, as it is stored. Raises ValidationError as `polygon_of`."""

    stored = geojson_of(polygon_of(boundary))
    for ring in stored["coordinates"]:
        for pair in ring:
            latitude, longitude = to_wgs84(pair[1], pair[0], datum)
            pair[:] = longitude, latitude
    return stored
