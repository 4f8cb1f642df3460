"""Where the camera says that a picture was taken: the GPS entries of EXIF; pure."""

import math
from typing import Any

GPS_TAG = 0x8825
LATITUDE_LETTER, LATITUDE, LONGITUDE_LETTER, LONGITUDE = 1, 2, 3, 4


def position_of(exif: Any) -> tuple[float, float] | None:
    """(latitude, longitude) in WGS-84 degrees; None without, or where they cannot be read.

    `exif` is Pillow's. Phones write WGS-84 also in China. Cameras without a fix write zeros.
    """
    try:
        gps = exif.get_ifd(GPS_TAG) if exif else {}
        latitude = _degrees(gps[LATITUDE], gps[LATITUDE_LETTER], "S")
        longitude = _degrees(gps[LONGITUDE], gps[LONGITUDE_LETTER], "W")
    except Exception:  # whatever a broken file makes the reader say
        return None
    if not (abs(latitude) <= 90 and abs(longitude) <= 180) or latitude == longitude == 0:
        return None
    return latitude, longitude


def _degrees(parts: Any, letter: Any, negative: str) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    value = degrees + minutes / 60 + seconds / 3600
    if not math.isfinite(value):
        raise ValueError("no angle")
    letter = letter.decode("ascii") if isinstance(letter, bytes) else str(letter)
    return -value if letter.strip("\0 ").upper() == negative else value
