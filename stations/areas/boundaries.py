"""The boundary of a grid: what people paste as GeoJSON becomes one plain polygon, or words."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from shapely import force_2d
from shapely.geometry import Polygon, mapping, shape

from yuanhang.core.located_form import to_wgs84

POINTS_MAX = 2000  # everybody's map draws them
SIDE_MIN = 0.00005  # degrees, about five metres: less is a slip of the hand


def _refusal(words: Any) -> ValidationError:
    return ValidationError(words, code="boundary")


def _unwrapped(value: Any) -> Any:
    """The geometry within a Feature, or within a collection of one."""
    kind = value.get("type") if isinstance(value, Mapping) else None
    if kind == "Feature":
        return value.get("geometry")
    if kind == "FeatureCollection":
        found = value.get("features")
        if not isinstance(found, list) or not found:
            raise _refusal(_("这份 GeoJSON 里没有图形。"))
        if len(found) > 1:
            words = _("这份 GeoJSON 里有 %(n)d 个图形，只留这个网格的那一个。")
            raise _refusal(words % {"n": len(found)})
        return _unwrapped(found[0])
    return value


def polygon_of(boundary: Any) -> Polygon:
    """The Shapely polygon of what was pasted (longitude, latitude, WGS-84).

    Raises ValidationError with a Chinese message when it is none, crosses itself or is empty.
    """
    geometry = _unwrapped(boundary)
    try:
        polygon = force_2d(shape(geometry))
    except Exception as error:
        raise _refusal(_("边界不是有效的 GeoJSON 多边形。")) from error
    if polygon.geom_type != "Polygon" or polygon.is_empty or not polygon.is_valid:
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


def geojson_of(polygon: Polygon) -> dict[str, Any]:
    """A polygon as it is stored: type and closed rings of pairs, and nothing else."""
    rings = mapping(polygon)["coordinates"]
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
