"""Stations and friendly places for whoever draws maps: CSV in a datum of theirs, or GeoJSON.

Chinese vendors draw in GCJ-02 or BD-09; GeoJSON allows WGS-84 only (RFC 7946, section 4).
"""

import csv
import io
from collections.abc import Callable, Iterator
from typing import Any

from django.utils.translation import gettext as _

from stations.houses import kept_stations
from stations.houses.models import OpeningHours, Station
from yuanhang.core import geo
from yuanhang.core.words import hours_span

Pair = tuple[float, float]
TO_DATUM: dict[str, Callable[[float, float], Pair]] = {
    "wgs84": lambda latitude, longitude: (latitude, longitude),
    "gcj02": geo.wgs84_to_gcj02,
    "bd09": geo.wgs84_to_bd09,
}
DIGITS = 6  # of a degree: a tenth of a metre
# A cell that begins so is a formula to a spreadsheet.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_of(datum: str) -> bytes:
    """All listed places with a point, UTF-8 with a mark so that Excel reads it as such.

    Raises KeyError for a datum that is not in `TO_DATUM`.
    """
    convert, out = TO_DATUM[datum], io.StringIO()
    writer = csv.writer(out)
    heads = (_("名称"), _("种类"), _("地址"), _("电话"), _("开放时间"), _("节假日"))
    writer.writerow([*heads, _("纬度"), _("经度"), _("坐标系")])
    for station in _with_point():
        latitude, longitude = convert(station.latitude, station.longitude)
        words = map(_harmless, _facts(station))
        writer.writerow(
            [*words, f"{latitude:.{DIGITS}f}", f"{longitude:.{DIGITS}f}", datum.upper()]
        )
    return out.getvalue().encode("utf-8-sig")


def geojson() -> dict[str, Any]:
    """The same as a FeatureCollection; longitude comes first there."""
    features = []
    for station in _with_point():
        name, kind, address, phone, hours, on_holidays = _facts(station)
        features.append(
            {
                "type": "Feature",
                "geometry": {
                    "type": "Point",
                    "coordinates": [
                        round(station.longitude, DIGITS),
                        round(station.latitude, DIGITS),
                    ],
                },
                "properties": {
                    "name": name,
                    "kind": kind,
                    "address": address,
                    "phone": phone,
                    "hours": hours,
                    "holidays": on_holidays,
                },
            }
        )
    return {"type": "FeatureCollection", "features": features}


def _with_point() -> Iterator[Station]:
    return (station for station in kept_stations.listed() if station.has_point)


def _facts(station: Station) -> tuple[str, ...]:
    """Name, kind, address, telephone, hours and holidays in words; a closure now says so."""
    return (
        station.name,
        str(station.get_kind_display()),
        station.address,
        station.desk_phone,
        hours_in_words(station),
        str(station.get_on_holidays_display()),
    )


def hours_in_words(station: Station) -> str:
    """「周一 7:00–21:00；周二 …」; a closure that is on comes first, and no hours are 时间未填."""
    shut = station.opening()
    rows = [
        f"{rule.get_weekday_display()} {hours_span(rule.opens, rule.closes)}"
        for rule in station.hours.all()
        if rule.weekday != OpeningHours.Weekday.HOLIDAY
    ]
    words = "；".join(rows) or _("时间未填")
    if shut.is_open or not shut.reason:
        return words
    return _("暂时关闭：%(why)s；平时 %(hours)s") % {"why": shut.reason, "hours": words}


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text
