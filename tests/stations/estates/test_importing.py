"""Names and points from Excel and GeoJSON: all of it, or nothing with what is wrong in each row."""

import io
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from stations.estates import importing
from stations.estates.models import Estate, EstateBuilding
from tests.factories.stations import EstateFactory, feature, square
from yuanhang.core.models import AuditEvent

ADDRESS = "/estates/import/"
HEAD = ("名称", "种类", "经度", "纬度", "地址", "楼号")
GOOD = [
    ("示意小区甲", "小区", 124.945, 46.545, "南六街", None),
    ("示意商场乙", "商场", "124.946", " 46.546 ", None, None),
    ("示意小区甲", None, 124.9451, 46.5451, None, 8.0),
    ("示意小区甲", None, 124.9452, 46.5452, None, "9号楼"),
]


def sheet(*rows, head=HEAD):
    book = Workbook()
    for row in (head, *rows):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return SimpleUploadedFile("estates.xlsx", out.getvalue())


def geojson(*features):
    text = json.dumps({"type": "FeatureCollection", "features": features})
    return SimpleUploadedFile("estates.geojson", text.encode())


def point(longitude=124.945, latitude=46.545, **facts):
    return feature("Point", [longitude, latitude], **facts)


@pytest.fixture
def send(visit, town):
    """What the page answers to a file of the staff's."""

    def post(file, datum="wgs84"):
        sent = {"community": town.community.pk, "file": file, "datum": datum}
        answer = visit(town.staff).post(ADDRESS, sent, follow=True)
        return answer.content.decode()

    return post


def test_a_sheet_brings_estates_and_their_buildings(send):
    assert "导入了 4 个，0 个原来就有" in send(sheet(*GOOD))
    assert set(Estate.objects.values_list("name", "kind", "latitude")) == {
        ("示意小区甲", "residential", 46.545),
        ("示意商场乙", "mall", 46.546),
    }
    assert set(EstateBuilding.objects.values_list("number", flat=True)) == {"8", "9"}
    assert AuditEvent.objects.filter(kind="stations.import_estates").count() == 1


def test_the_whole_file_again_brings_nothing_new(send):
    send(sheet(*GOOD))
    Estate.objects.filter(name="示意小区甲").update(address="改过的")
    assert "导入了 0 个，4 个原来就有" in send(sheet(*GOOD))
    assert Estate.objects.get(name="示意小区甲").address == "改过的"


def test_features_are_points_and_outlines(send):
    outline = feature("Polygon", square(46.544, 124.944, 0.002)["coordinates"], name="示意小区甲")
    said = send(
        geojson(outline, point(name="示意小区甲", building="8"), point(name="乙", kind="医院"))
    )
    assert "导入了 3 个" in said
    found = Estate.objects.get(name="示意小区甲")
    assert (found.latitude, found.longitude) == (46.545, 124.945)
    assert found.boundary["type"] == "Polygon"
    assert Estate.objects.get(name="乙").kind == "hospital"


def test_a_vendors_datum_is_changed(send):
    send(sheet(("示意小区甲", None, 124.945, 46.545, None, None)), datum="gcj02")
    found = Estate.objects.get()
    assert 400 < abs(found.longitude - 124.945) * 76_500 < 700


def row(name="示意小区甲", kind=None, x=124.945, y=46.545, address=None, building=None):
    return name, kind, x, y, address, building


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (row(name=None), "第 3 行：名称没写"),
        (row(name="长" * 61), "第 3 行：名称太长了，最多 60 个字"),
        (row(kind="公园"), "第 3 行：不认得种类「公园」"),
        (row(x=None), "第 3 行：经度、纬度要是数字"),
        (row(x="东边"), "第 3 行：经度、纬度要是数字"),
        (row(y=124.945, x=46.545), "第 3 行：经纬度超出范围"),
        (row(x=116.4, y=39.9), "看看经纬度是不是写反了"),
        (row(name="好的"), "第 3 行：和第 2 行重复了"),
        (row(name="没有的", building="8"), "第 3 行：没有叫「没有的」的小区"),
        (row(building="3单元"), "第 3 行：楼号只写号"),
    ],
)
def test_one_bad_row_and_nothing_is_stored(send, bad, words):
    assert words in send(sheet(row(name="好的"), bad))
    assert not Estate.objects.exists()


def test_every_bad_row_is_named_and_many_are_counted(send):
    said = send(sheet(*[row(name=f"小区{n}", x="?") for n in range(25)]))
    assert "第 2 行" in said
    assert "第 21 行" in said
    assert "第 22 行" not in said
    assert "还有 5 处" in said


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (SimpleUploadedFile("a.xlsx", b"PK\x03\x04 broken"), "这个文件打不开"),
        (SimpleUploadedFile("a.xlsx", b"no archive"), "这个文件打不开"),
        (SimpleUploadedFile("a.geojson", b"{"), "这不是 GeoJSON"),
        (SimpleUploadedFile("a.geojson", b"\xff\xfe\x00"), "UTF-8"),
        (SimpleUploadedFile("a.geojson", b"[]"), "要一份 FeatureCollection"),
        (SimpleUploadedFile("a.geojson", b'{"features": [1, null, {}]}'), "第 3 行：名称没写"),
        (geojson(), "一行也没有"),
        (geojson(feature("LineString", [[1, 2], [3, 4]], name="a")), "只认点和面"),
        (geojson(feature("Point", [1], name="a")), "经度，纬度"),
        (geojson(feature("Polygon", [[[1, 2]]], name="a")), "第 1 行"),
        (sheet(), "一行也没有"),
        (sheet(("x",), head=("别的",)), "第一行要写列名"),
        (SimpleUploadedFile("a.xlsx", b""), "这个文件是空的"),
        (SimpleUploadedFile("a.geojson", b" " * 2_000_001), "最多 2 MB"),
    ],
)
def test_a_file_that_is_none(send, file, words):
    assert words in send(file)
    assert not Estate.objects.exists()


def test_rows_that_are_empty_far_below_are_no_rows(town):
    book = Workbook()
    book.active.append(HEAD)
    book.active.append(row())
    for number in range(3, 3000):
        book.active.cell(number, 1).number_format = "0.00"
    out = io.BytesIO()
    book.save(out)
    found = importing.read_file(out.getvalue(), "a.xlsx", "wgs84", town.community)
    assert len(found) == 1


def test_too_many_rows_are_refused(town, monkeypatch, send):
    monkeypatch.setattr(importing, "ROWS_MAX", 3)
    assert "最多 3 行" in send(sheet(*[row(name=f"小区{n}") for n in range(5)]))


def test_staff_bring_in_their_own_community_alone(visit, town):
    sent = {"community": town.other.pk, "file": sheet(*GOOD), "datum": "wgs84"}
    assert visit(town.staff).post(ADDRESS, sent).status_code == 400
    assert not Estate.objects.exists()


def test_an_estate_of_that_name_next_door_is_another(send, town):
    EstateFactory(community=town.other, name="示意小区甲")
    assert "导入了 4 个" in send(sheet(*GOOD))
