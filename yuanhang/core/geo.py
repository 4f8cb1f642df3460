"""Coordinates: reading them from a form, changing datum, distances, links to map apps.

Pure functions, no models. Every pair is (latitude, longitude) in degrees, every length is in
metres, and everything we store is WGS-84. Chinese map vendors draw in GCJ-02 (offset by law)
or BD-09 (Baidu's offset on top of it); near Daqing a pair in the wrong datum is 535 m or
1.3 km off, so a point never travels without its datum.

The offset formulas were never published by the state; the ones here are the polynomial and
sine terms in common public use, which agree with the vendors' own converters to about a metre.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from math import asin, atan2, cos, degrees, hypot, isfinite, pi, radians, sin, sqrt
from typing import Any
from urllib.parse import quote

from django.utils.translation import gettext as _

from yuanhang.core.text import one_line

# Mean radius R1 = (2a + b) / 3 of the WGS-84 ellipsoid, as the IUGG defines it.
MEAN_EARTH_RADIUS = 6_371_008.8
# A fix vaguer than this (an address lookup, a stuck receiver) tells nothing about accuracy.
WORST_ACCURACY = 100_000

# GCJ-02 is built on the Krasovsky 1940 ellipsoid, not on that of WGS-84.
KRASOVSKY_AXIS = 6_378_245.0
KRASOVSKY_ECCENTRICITY_SQUARED = 0.006_693_421_622_965_943
# The box in which the offset applies: south, west, north, east.
OFFSET_AREA = (0.8293, 72.004, 55.8271, 137.8347)
BD09_WAVE = pi * 3000 / 180
# 1e-9 degrees are 0.1 mm; the wished-for bound is 1 cm. The map contracts so strongly that
# three or four rounds do; ten are a ceiling, not an expectation.
CLOSE_ENOUGH = 1e-9
MOST_ROUNDS = 10

# (latitude, longitude) in degrees, or the difference of two such pairs.
Pair = tuple[float, float]

NUMBER = re.compile(r"[+-]?(\d{1,15}(\.\d{0,20})?|\.\d{1,20})(e[+-]?\d{1,3})?", re.ASCII)


class InvalidPointError(ValueError):
    """A position we cannot take. `message` tells the person what to do."""

    def __init__(self, message: Any) -> None:
        self.message = str(message)
        super().__init__(self.message)


@dataclass(frozen=True)
class Point:
    """A position in WGS-84 degrees, its accuracy in metres (None: unknown) and where it came from.

    `datum` names the datum the numbers arrived in; latitude and longitude are converted already.
    """

    latitude: float
    longitude: float
    accuracy: float | None = None
    datum: str = "wgs84"


def parse_point(
    latitude: Any, longitude: Any, accuracy: Any = None, datum: Any = "wgs84"
) -> Point | None:
    """Read a position as a form sends it.

    Takes strings (numbers work too) in degrees, accuracy in metres, datum one of `DATUMS`
    (empty means WGS-84). Returns a `Point`, or None when neither coordinate was given: reporting
    without a position is allowed. Raises `InvalidPointError` for anything half given or impossible.
    An accuracy that is missing, unreadable, not positive or worse than `WORST_ACCURACY` becomes
    None: the phone made it up, the person cannot mend it, and the place may still be right.
    """
    latitude, longitude = _text(latitude), _text(longitude)
    if not latitude and not longitude:
        return None
    if not latitude or not longitude:
        raise InvalidPointError(_("位置只收到一半，请重新定位，或直接写下地点。"))
    lat, lon = _number(latitude), _number(longitude)
    if lat is None or lon is None:
        raise InvalidPointError(_("位置的数字看不懂，请重新定位，或直接写下地点。"))
    if 90 < abs(lat) <= 180 and abs(lon) <= 90:
        raise InvalidPointError(
            _("经纬度好像写反了：纬度在前（如 46.545），经度在后（如 124.945）。请对调后再提交。")
        )
    if abs(lat) > 90 or abs(lon) > 180:
        raise InvalidPointError(_("位置超出了地球的范围，请重新定位，或直接写下地点。"))
    datum = _text(datum).lower() or "wgs84"
    if datum not in DATUMS:
        raise InvalidPointError(_("不认识这种坐标，请重新定位，或直接写下地点。"))
    lat, lon = DATUMS[datum](lat, lon)
    metres = _number(_text(accuracy))
    if metres is not None and not 0 < metres <= WORST_ACCURACY:
        metres = None
    return Point(lat, lon, metres, datum)


def _text(value: Any) -> str:
    """The value as trimmed text; full-width digits and signs from a Chinese keyboard are folded."""
    return "" if value is None else unicodedata.normalize("NFKC", str(value)).strip()


def _number(text: str) -> float | None:
    """A finite float, or None. Stricter than float(), which also takes "nan", "inf" and "1_0"."""
    if not NUMBER.fullmatch(text.lower()):
        return None
    number = float(text)
    return number if isfinite(number) else None


def parse_number(text: Any) -> float | None:
    """A finite number from outside as a float, or None."""
    return _number(_text(text))


def distance(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Metres between two points on a sphere of `MEAN_EARTH_RADIUS` (haversine; within 0.5 %)."""
    phi1, phi2 = radians(lat1), radians(lat2)
    h = sin((phi2 - phi1) / 2) ** 2 + cos(phi1) * cos(phi2) * sin(radians(lon2 - lon1) / 2) ** 2
    # Rounding can push h past 1 for two ends of the earth.
    return 2 * MEAN_EARTH_RADIUS * asin(sqrt(min(1.0, h)))


def bearing(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Degrees from north, clockwise, from the first point to the second; flat earth, near by."""
    east = (lon2 - lon1) * cos(radians(lat1))
    return degrees(atan2(east, lat2 - lat1)) % 360


def bounds(lat: float, lon: float, metres: float) -> tuple[float, float, float, float]:
    """(south, west, north, east) of a box holding every point within `metres`.

    For pre-filtering by index; the corners lie farther away, so `distance` decides afterwards.
    Near a pole or across longitude 180 the box is widened to all longitudes rather than split.
    """
    angle = metres / MEAN_EARTH_RADIUS
    south, north = lat - degrees(angle), lat + degrees(angle)
    if south <= -90 or north >= 90:
        return max(south, -90.0), -180.0, min(north, 90.0), 180.0
    # The circle's westernmost point lies poleward of its centre; metres / cos(lat) would cut it.
    width = degrees(asin(min(1.0, sin(angle) / cos(radians(lat)))))
    west, east = lon - width, lon + width
    if west < -180 or east > 180:
        west, east = -180.0, 180.0
    return south, west, north, east


def distance_in_words(metres: float) -> str:
    """「18 米」 below a kilometre, 「1.3 公里」 above, whole kilometres from ten on."""
    if round(metres) < 1000:
        return _("%(number)s 米") % {"number": round(metres)}
    kilometres = metres / 1000
    digits = 1 if round(kilometres, 1) < 10 else 0
    return _("%(number)s 公里") % {"number": f"{kilometres:.{digits}f}".removesuffix(".0")}


# --- datums ---------------------------------------------------------------------------------


def in_offset_area(lat: float, lon: float) -> bool:
    """Whether the Chinese offset applies here (a rough box around the country)."""
    south, west, north, east = OFFSET_AREA
    return south <= lat <= north and west <= lon <= east


def _waves(*terms: tuple[float, float]) -> float:
    """Two thirds of a sum of sines, given as (amplitude, angle) pairs."""
    return sum(amplitude * sin(angle) for amplitude, angle in terms) * 2 / 3


def _gcj02_offset(lat: float, lon: float) -> Pair:
    """Degrees that GCJ-02 adds to a WGS-84 pair."""
    x, y = lon - 105, lat - 35
    ripple = _waves((20, 6 * pi * x), (20, 2 * pi * x))
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)) + ripple
    north += _waves((20, pi * y), (40, pi * y / 3), (160, pi * y / 12), (320, pi * y / 30))
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)) + ripple
    east += _waves((20, pi * x), (40, pi * x / 3), (150, pi * x / 12), (300, pi * x / 30))
    phi = radians(lat)
    squash = 1 - KRASOVSKY_ECCENTRICITY_SQUARED * sin(phi) ** 2
    meridian = KRASOVSKY_AXIS * (1 - KRASOVSKY_ECCENTRICITY_SQUARED) / squash**1.5
    parallel = KRASOVSKY_AXIS / sqrt(squash) * cos(phi)
    return degrees(north / meridian), degrees(east / parallel)


def _bd09_forward(lat: float, lon: float) -> Pair:
    """BD-09 of a GCJ-02 pair, without looking at the area."""
    reach = hypot(lon, lat) + 0.00002 * sin(lat * BD09_WAVE)
    angle = atan2(lat, lon) + 0.000003 * cos(lon * BD09_WAVE)
    return reach * sin(angle) + 0.006, reach * cos(angle) + 0.0065


def _gcj02_forward(lat: float, lon: float) -> Pair:
    north, east = _gcj02_offset(lat, lon)
    return lat + north, lon + east


def _inverse(forward: Callable[[float, float], Pair], lat: float, lon: float) -> Pair:
    """The pair that `forward` turns into (lat, lon), to better than a millimetre.

    Neither offset has a closed inverse. Both change slowly, so subtracting the miss again and
    again converges at once.
    """
    guess_lat, guess_lon = lat, lon
    for _round in range(MOST_ROUNDS):
        there_lat, there_lon = forward(guess_lat, guess_lon)
        miss_lat, miss_lon = there_lat - lat, there_lon - lon
        guess_lat, guess_lon = guess_lat - miss_lat, guess_lon - miss_lon
        if abs(miss_lat) < CLOSE_ENOUGH and abs(miss_lon) < CLOSE_ENOUGH:
            break
    return guess_lat, guess_lon


def wgs84_to_gcj02(lat: float, lon: float) -> Pair:
    """(lat, lon) of the same place in GCJ-02; unchanged outside China."""
    return _gcj02_forward(lat, lon) if in_offset_area(lat, lon) else (lat, lon)


def gcj02_to_wgs84(lat: float, lon: float) -> Pair:
    """(lat, lon) of the same place in WGS-84; unchanged outside China."""
    return _inverse(_gcj02_forward, lat, lon) if in_offset_area(lat, lon) else (lat, lon)


def gcj02_to_bd09(lat: float, lon: float) -> Pair:
    """(lat, lon) of the same place in BD-09; unchanged outside China."""
    return _bd09_forward(lat, lon) if in_offset_area(lat, lon) else (lat, lon)


def bd09_to_gcj02(lat: float, lon: float) -> Pair:
    """(lat, lon) of the same place in GCJ-02; unchanged outside China."""
    return _inverse(_bd09_forward, lat, lon) if in_offset_area(lat, lon) else (lat, lon)


def wgs84_to_bd09(lat: float, lon: float) -> Pair:
    """(lat, lon) of the same place in BD-09; unchanged outside China."""
    return gcj02_to_bd09(*wgs84_to_gcj02(lat, lon))


def bd09_to_wgs84(lat: float, lon: float) -> Pair:
    """(lat, lon) of the same place in WGS-84; unchanged outside China."""
    return gcj02_to_wgs84(*bd09_to_gcj02(lat, lon))


# Every datum we accept, with its way to WGS-84.
DATUMS: dict[str, Callable[[float, float], Pair]] = {
    "wgs84": lambda lat, lon: (lat, lon),
    "gcj02": gcj02_to_wgs84,
    "bd09": bd09_to_wgs84,
}


# --- map apps -------------------------------------------------------------------------------


def navigation_links(
    latitude: float, longitude: float, name: str, address: str = ""
) -> list[tuple[str, str]]:
    """Links that open a WGS-84 point in the common map apps, as a list of (label, url).

    Mind the axis order: Amap wants longitude first, the others latitude first. Each vendor
    converts from WGS-84 itself when told so, hence the raw pair.
    """
    lat, lon = f"{latitude:.6f}", f"{longitude:.6f}"
    name, address = one_line(name), one_line(address or name)
    # Tencent packs fields into one parameter with ; and : and offers no escape for them.
    safe = str.maketrans({";": "；", ":": "："})
    marker = f"coord:{lat},{lon};title:{name.translate(safe)};addr:{address.translate(safe)}"
    return [
        (
            _("高德地图"),
            f"https://uri.amap.com/marker?position={lon},{lat}&name={_quoted(name)}"
            "&src=yuanhang&coordinate=wgs84",
        ),
        (
            _("腾讯地图"),
            f"https://apis.map.qq.com/uri/v1/marker?marker={quote(marker, safe=':;,')}"
            "&coord_type=1&referer=yuanhang",
        ),
        (
            _("百度地图"),
            f"http://api.map.baidu.com/marker?location={lat},{lon}&title={_quoted(name)}"
            f"&content={_quoted(address)}&output=html&coord_type=wgs84&src=yuanhang",
        ),
    ]


def _quoted(text: str) -> str:
    return quote(text, safe="")
