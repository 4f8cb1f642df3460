"""Estates from a file: names and points of Excel or GeoJSON, all of them or none.

A row with a building's number is a building of the estate of that name; any other row is an estate.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from stations.areas.boundaries import in_wgs84
from stations.areas.models import Community, Grid
from stations.estates import estates
from stations.estates.models import Estate, EstateBuilding
from stations.estates.search import is_number, number_of
from stations.streets.reading import check_bytes, read_text
from yuanhang.core import audit, geo
from yuanhang.core.located_form import to_wgs84
from yuanhang.core.models import User
from yuanhang.core.text import is_visible, one_line

ROWS_MAX = 2000
EMPTY_ROWS_MAX = 200  # so many in a row are the end: sheets are formatted far below their data
ERRORS_SHOWN = 20
FAR_METRES = 20_000
NAME_MAX = Estate._meta.get_field("name").max_length
ADDRESS_MAX = Estate._meta.get_field("address").max_length
KINDS = {label: value for value, label in Estate.Kind.choices} | {
    value: value for value in Estate.Kind.values
}
# The columns of the sheet, and the properties of a feature, by what stands above them.
COLUMNS = {
    "名称": "name",
    "小区": "name",
    "name": "name",
    "种类": "kind",
    "kind": "kind",
    "地址": "address",
    "address": "address",
    "楼号": "building",
    "building": "building",
    "经度": "longitude",
    "longitude": "longitude",
    "纬度": "latitude",
    "latitude": "latitude",
}


@dataclass(frozen=True)
class ReadRow:
    """A row that is good: an estate, or with a `building` one of its buildings; WGS-84."""

    name: str
    kind: str
    address: str
    building: str
    latitude: float | None
    longitude: float | None
    boundary: dict[str, Any] | None = None


class _RefusedError(Exception):
    """Why a row is not taken; the reader adds which one."""


def _refusal(words: Any) -> ValidationError:
    return ValidationError(words, code="import")


def read_file(data: bytes, name: str, datum: str, community: Community) -> list[ReadRow]:
    """The rows of a file in a datum. Raises ValidationError with a sentence for each bad row."""
    check_bytes(len(data))
    is_sheet = name.lower().endswith((".xlsx", ".xlsm")) or data[:2] == b"PK"
    rows = _sheet_rows(data) if is_sheet else _features(data)
    far = _far_check(community)
    read: list[ReadRow] = []
    errors, seen = [], {}
    for number, facts in rows:
        try:
            row = _read(facts, datum, far)
            key = row.name, row.building
            if key in seen:
                words = _("和第 %(n)d 行重复了。")
                raise _RefusedError(words % {"n": seen[key]})
            seen[key] = number
            read.append(row)
        except _RefusedError as refused:
            errors.append(_("第 %(n)d 行：%(why)s") % {"n": number, "why": refused.args[0]})
    errors += _homeless(read, seen, community)
    if errors:
        raise ValidationError([_refusal(words) for words in _shortened(errors)])
    if not read:
        raise _refusal(_("文件里一行也没有。"))
    return read


def _shortened(errors: list[str]) -> list[str]:
    rest = len(errors) - ERRORS_SHOWN
    more = [_("还有 %(n)d 处，改好这些再传一次。") % {"n": rest}] if rest > 0 else []
    return errors[:ERRORS_SHOWN] + more


def _homeless(read: list[ReadRow], seen: Mapping[Any, int], community: Community) -> Iterator[str]:
    """Buildings of an estate that is neither in the file nor stored."""
    names = {row.name for row in read if not row.building}
    names |= set(Estate.objects.filter(community=community).values_list("name", flat=True))
    for row in read:
        if row.building and row.name not in names:
            words = _("第 %(n)d 行：没有叫「%(name)s」的小区，先写一行小区本身。")
            yield words % {"n": seen[row.name, row.building], "name": row.name}


def _sheet_rows(data: bytes) -> Iterator[tuple[int, dict[str, Any]]]:
    """(number, cells by name) of the rows of a workbook's first sheet."""
    from openpyxl import load_workbook  # noqa: PLC0415 - 29 MB that few processes need

    try:
        book = load_workbook(BytesIO(data), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        lines = sheet.iter_rows(values_only=True)
        head = [COLUMNS.get(one_line(str(cell or "")).lower()) for cell in next(lines, ())]
    except Exception as error:
        # Whatever a broken archive makes the reader say: openpyxl has no error of its own for it.
        raise _refusal(_("这个文件打不开，另存为 .xlsx 再传。")) from error
    if not {"name", "longitude", "latitude"} <= set(head):
        raise _refusal(_("第一行要写列名：名称、经度、纬度；还可以有种类、地址、楼号。"))
    empty = 0
    for number, line in enumerate(lines, start=2):
        cells = {key: cell for key, cell in zip(head, line, strict=False) if key}
        if all(cell in (None, "") for cell in cells.values()):
            empty += 1
            if empty > EMPTY_ROWS_MAX:
                return
            continue
        empty = 0
        _check_count(number)
        yield number, cells


def _features(data: bytes) -> Iterator[tuple[int, dict[str, Any]]]:
    """(number, facts) of the features of a FeatureCollection."""
    content = read_text(data)
    features = content.get("features") if isinstance(content, Mapping) else None
    if not isinstance(features, list):
        raise _refusal(_("要一份 FeatureCollection（一整张图），或者 .xlsx 表格。"))
    for number, feature in enumerate(features, start=1):
        _check_count(number)
        facts = feature.get("properties") if isinstance(feature, Mapping) else None
        facts = facts if isinstance(facts, Mapping) else {}
        found = {COLUMNS[key]: value for key, value in facts.items() if key in COLUMNS}
        geometry = feature.get("geometry") if isinstance(feature, Mapping) else None
        yield number, found | {"geometry": geometry}


def _check_count(number: int) -> None:
    if number > ROWS_MAX:
        raise _refusal(_("最多 %(n)d 行，分成几份传。") % {"n": ROWS_MAX})


def _read(facts: Mapping[str, Any], datum: str, far: Callable[[float, float], None]) -> ReadRow:
    name = _text(facts.get("name"), NAME_MAX, _("名称"))
    if not name:
        raise _RefusedError(_("名称没写。"))
    building = number_of(_text(facts.get("building"), 20, _("楼号")))
    if building and not is_number(building):
        raise _RefusedError(_("楼号只写号，如 8、12A。"))
    said = _text(facts.get("kind"), 20, _("种类"))
    kind = KINDS.get(said or Estate.Kind.RESIDENTIAL.value)
    if kind is None:
        raise _RefusedError(
            _("不认得种类「%(kind)s」，写：小区、商场、写字楼、医院。") % {"kind": said}
        )
    boundary = None
    if "geometry" in facts:
        latitude, longitude, boundary = _geometry(facts["geometry"], datum)
    else:
        latitude, longitude = _point(facts.get("longitude"), facts.get("latitude"), datum)
    if building and boundary is not None:
        raise _RefusedError(_("楼要一个点，不要一个面。"))
    if latitude is not None and longitude is not None:
        far(latitude, longitude)
    return ReadRow(
        name=name,
        kind=kind,
        address=_text(facts.get("address"), ADDRESS_MAX, _("地址")),
        building=building,
        latitude=latitude,
        longitude=longitude,
        boundary=boundary,
    )


def _text(value: Any, most: int, label: str) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # Excel's 8 is 8.0
    text = one_line(str(value))
    if len(text) > most:
        raise _RefusedError(_("%(what)s太长了，最多 %(n)d 个字。") % {"what": label, "n": most})
    return text if is_visible(text) else ""


def _geometry(
    geometry: Any, datum: str
) -> tuple[float | None, float | None, dict[str, Any] | None]:
    """(latitude, longitude, boundary): a point, or the middle of a polygon with the polygon."""
    kind = geometry.get("type") if isinstance(geometry, Mapping) else None
    if kind == "Point":
        pair = geometry.get("coordinates")
        if not isinstance(pair, list | tuple) or len(pair) < 2:
            raise _RefusedError(_("坐标要是「经度，纬度」。"))
        return (*_point(pair[0], pair[1], datum), None)
    if kind not in ("Polygon", "MultiPolygon"):
        raise _RefusedError(_("只认点和面。"))
    try:
        boundary = in_wgs84(geometry, datum)
    except ValidationError as refused:
        raise _RefusedError(refused.messages[0]) from refused
    ring = boundary["coordinates"][0]
    longitudes, latitudes = zip(*ring, strict=True)
    middle = (min(latitudes) + max(latitudes)) / 2, (min(longitudes) + max(longitudes)) / 2
    return round(middle[0], 6), round(middle[1], 6), boundary


def _point(x: Any, y: Any, datum: str) -> tuple[float, float]:
    longitude, latitude = geo.parse_number(x), geo.parse_number(y)
    if longitude is None or latitude is None:
        raise _RefusedError(_("经度、纬度要是数字，如 124.945、46.545。"))
    if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
        raise _RefusedError(_("经纬度超出范围，注意先经度后纬度。"))
    return to_wgs84(latitude, longitude, datum)


def _far_check(community: Community) -> Callable[[float, float], None]:
    """A place in another city is a slip, or its axes are the wrong way round."""
    grid = Grid.objects.filter(community=community).first()

    def check(latitude: float, longitude: float) -> None:
        if grid is None:
            return
        metres = geo.distance(latitude, longitude, *grid.centre)
        if metres > FAR_METRES:
            words = _("离%(name)s %(far)s，看看经纬度是不是写反了。")
            far = geo.distance_in_words(metres)
            raise _RefusedError(words % {"name": community, "far": far})

    return check


@transaction.atomic
def store(rows: Iterable[ReadRow], community: Community, *, by: User) -> tuple[int, int]:
    """Store what is not there yet; (how many were new, how many were there and stay so)."""
    Community.objects.select_for_update(no_key=True).get(pk=community.pk)
    rows = list(rows)
    known = {one.name: one for one in Estate.objects.filter(community=community)}
    new = 0
    for row in (one for one in rows if not one.building and one.name not in known):
        known[row.name] = estates.create(
            Estate(
                community=community,
                name=row.name,
                kind=row.kind,
                address=row.address,
                latitude=row.latitude,
                longitude=row.longitude,
                boundary=row.boundary,
            ),
            by=by,
        )
        new += 1
    houses = [row for row in rows if row.building]
    there = set(
        EstateBuilding.objects.filter(estate__community=community).values_list("estate", "number")
    )
    made = EstateBuilding.objects.bulk_create(
        EstateBuilding(
            estate=known[row.name],
            number=row.building,
            latitude=row.latitude,
            longitude=row.longitude,
        )
        for row in houses
        if (known[row.name].pk, row.building) not in there
    )
    new += len(made)
    facts = {"new": new, "rows": len(rows)}
    audit.record("stations.import_estates", community, by=by, changes=facts)
    return new, len(rows) - new
