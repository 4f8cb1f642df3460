"""底图 in the admin: a file or a paste, taken as a whole or refused in words."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from stations.streets import street_maps
from stations.streets.models import MapShape, StreetMap
from stations.streets.reading import read_street_map
from tests.admin_forms import all_posted
from tests.factories.stations import feature, line, square, street_net, with_streets
from tests.threads import at_once, meet, without_row_locks
from yuanhang.core import geo
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.models import AuditEvent

ADD = "/admin/stations/streetmap/add/"
NEAR = (124.941, 46.541)


def collection(*features):
    return {"type": "FeatureCollection", "features": list(features)}


def as_file(content, name="streets.geojson"):
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    return SimpleUploadedFile(name, data)


def upload(client, town, url=ADD, **fields):
    values = {"community": town.community.pk, "source": "社区自己画的", "datum": "wgs84"}
    return client.post(url, values | fields)


def test_staff_upload_a_file_and_every_map_has_streets(town, visit):
    client = visit(town.staff)
    answer = upload(client, town, file=as_file(street_net()))
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    kinds = sorted(MapShape.objects.values_list("kind", flat=True))
    assert kinds == ["block", "green", "main", "main", "street"]
    event = AuditEvent.objects.get(kind="stations.create_streetmap")
    assert event.changes == {"shapes": 5, "landmarks": 0}
    assert "5" in client.get("/admin/stations/streetmap/").content.decode()


def test_a_paste_takes_the_place_of_the_file(town, visit):
    client, made = visit(town.staff), with_streets(town.community, town.staff)
    url = f"/admin/stations/streetmap/{made.pk}/change/"
    shown = all_posted(client.get(url))
    small = collection(line("main", "新街", NEAR, (124.949, 46.541)))
    answer = client.post(url, shown | {"text": json.dumps(small, ensure_ascii=False)})
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    assert list(MapShape.objects.values_list("name", flat=True)) == ["新街"]
    # Without either only the note changes, and the streets stay.
    client.post(url, all_posted(client.get(url)) | {"source": "换个说法"})
    assert StreetMap.objects.get().source == "换个说法"
    assert MapShape.objects.count() == 1


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_another_datum_is_brought_home(town, visit, datum):
    forward = {"gcj02": geo.wgs84_to_gcj02, "bd09": geo.wgs84_to_bd09}[datum]
    pairs = [tuple(reversed(forward(lat, lon))) for lon, lat in (NEAR, (124.949, 46.541))]
    upload(
        visit(town.staff), town, file=as_file(collection(line("main", "街", *pairs))), datum=datum
    )
    (longitude, latitude), _end = MapShape.objects.get().points
    assert (longitude, latitude) == pytest.approx(NEAR, abs=2e-6)


def test_what_map_programs_write_is_understood(town):
    read = read_street_map(
        collection(
            feature("LineString", [[*NEAR, 150.2], [124.95, 46.541, 150.3]]),
            feature(
                "Polygon",
                square(46.541, 124.941, 0.001)["coordinates"],
                name="  游  园 ",
                kind="绿地",
            ),
            feature(
                "MultiLineString", [[list(NEAR), [124.95, 46.54]]] * 2, name="双线", kind="大路"
            ),
            feature("MultiPolygon", [square(46.541, 124.941, 0.001)["coordinates"]] * 2),
            feature("Point", list(NEAR), name="大集东口", kind="地标"),
        ),
        "wgs84",
    )
    assert [(one.kind, one.name) for one in read.shapes] == [
        ("street", ""),
        ("green", "游 园"),
        ("main", "双线"),
        ("main", "双线"),
        ("block", ""),
        ("block", ""),
    ]
    assert read.landmarks == {"大集东口": NEAR}
    assert len(read.shapes[1].points) == 4


MANY = collection(*[line("street", "", NEAR, (124.95, 46.541))] * 3001)
LONG = collection(line("street", "", *[(124.94 + n / 1e6, 46.541) for n in range(20_001)]))
WRONG = [
    (b"{", "这不是 GeoJSON"),
    (b"[" * 100_000, "这不是 GeoJSON"),
    ("街道".encode("gbk"), "不是 UTF-8"),
    (b" " * 2_000_001, "最多 2 MB"),
    (b"null", "要一份 FeatureCollection"),
    (square(46.541, 124.941), "要一份 FeatureCollection"),
    ({"type": "FeatureCollection", "features": {}}, "要一份 FeatureCollection"),
    (collection(), "这份图是空的"),
    (collection(None), "第 1 个图形：里面没有线、面或点"),
    (collection({"type": "Feature", "geometry": None}), "第 1 个图形：里面没有线、面或点"),
    (collection(feature("GeometryCollection", [])), "只认点、线和面"),
    (collection(feature("LineString", [list(NEAR)])), "点太少"),
    (collection(feature("LineString", [list(NEAR)] * 3)), "点太少"),
    (collection(feature("LineString", [["124.94", 46.5], list(NEAR)])), "坐标要是数字"),
    (collection(feature("LineString", [[True, 46.5], list(NEAR)])), "坐标要是数字"),
    (collection(feature("LineString", [[124.94], list(NEAR)])), "一列「经度，纬度」"),
    (collection(feature("LineString", "路")), "没有坐标"),
    (collection(feature("LineString", [[46.5, 124.94], list(NEAR)])), "先经度后纬度"),
    (collection(feature("LineString", [[float("nan"), 46.5], list(NEAR)])), "先经度后纬度"),
    (collection(feature("LineString", [[10**400, 46.5], list(NEAR)])), "先经度后纬度"),
    (collection(feature("Polygon", [[]])), "点太少"),
    (collection(feature("MultiPolygon", [[], []])), "没有坐标"),
    (collection(feature("Point", list(NEAR))), "地标要有名字"),
    (collection(line("river", "", NEAR, (124.95, 46.5))), "不认得种类「river」"),
    (collection(line("block", "", NEAR, (124.95, 46.5))), "和它的形状对不上"),
    (collection(line(["main"], "", NEAR, (124.95, 46.5))), "不认得种类"),
    (collection(line("main", 6, NEAR, (124.95, 46.5))), "名字（name）要是文字"),
    (collection(line("main", "长" * 31, NEAR, (124.95, 46.5))), "名字太长了，最多 30 个字"),
    (collection(line("main", "", (116.40, 39.90), (116.41, 39.90))), "看看坐标是不是写反了"),
    (MANY, "3001 个图形，最多 3000 个"),
    (LONG, "20001 个点"),
]


@pytest.mark.parametrize(("content", "words"), WRONG, ids=[words for _content, words in WRONG])
def test_one_wrong_shape_and_nothing_is_taken(town, visit, content, words):
    good = with_streets(town.community, town.staff)
    client, url = visit(town.staff), f"/admin/stations/streetmap/{good.pk}/change/"
    shown = all_posted(client.get(url)) | {"source": "写了一半"}
    answer = client.post(url, shown | {"file": as_file(content)})
    assert answer.status_code == 200
    page = answer.content.decode()
    assert words in page
    assert 'value="写了一半"' in page
    assert MapShape.objects.count() == 5


def test_neither_file_nor_paste_is_no_map(town, visit):
    page = upload(visit(town.staff), town).content.decode()
    assert "选一个文件，或者贴在下面" in page
    assert not StreetMap.objects.exists()


def test_a_refused_paste_is_still_there(town, visit):
    page = upload(visit(town.staff), town, text='{"type": "Feature", "名": 1}').content.decode()
    assert "要一份 FeatureCollection" in page
    assert "&quot;名&quot;: 1}" in page


def test_only_their_own_community_is_theirs(town, visit):
    other = visit(town.other_staff)
    made = with_streets(town.community, town.staff)
    assert other.get(f"/admin/stations/streetmap/{made.pk}/change/").status_code == 302
    answer = upload(other, town, file=as_file(street_net()))
    assert answer.status_code == 200
    assert StreetMap.objects.count() == 1
    again = upload(visit(town.staff), town, file=as_file(street_net()))
    assert "这个社区已经有底图了" in again.content.decode()


def test_who_saw_an_older_map_is_told_and_changes_nothing(town, visit):
    made = with_streets(town.community, town.staff)
    client, url = visit(town.staff), f"/admin/stations/streetmap/{made.pk}/change/"
    seen = all_posted(client.get(url))
    newer = read_street_map(collection(line("main", "新街", NEAR, (124.949, 46.541))), "wgs84")
    street_maps.replace(town.community, newer, by=town.admin, seen=made.updated_at)
    answer = client.post(url, seen | {"file": as_file(street_net())})
    assert "刚才有人换过这份底图" in answer.content.decode()
    assert MapShape.objects.get().name == "新街"


def replaced_twice(town, monkeypatch):
    seen = with_streets(town.community, town.staff).updated_at
    meet(monkeypatch, street_maps, "_present")
    read = read_street_map(street_net(), "wgs84")

    def call():
        return street_maps.replace(town.community, read, by=town.staff, seen=seen)

    return sorted(type(result).__name__ for result in at_once(call))


def test_of_two_at_one_instant_one_is_told(transactional_db, town, monkeypatch):
    assert replaced_twice(town, monkeypatch) == ["NotAllowedNowError", "StreetMap"]
    assert MapShape.objects.count() == 5


def test_without_the_lock_both_would_draw(transactional_db, town, monkeypatch):
    """The control."""
    without_row_locks(monkeypatch)
    assert replaced_twice(town, monkeypatch) == ["StreetMap", "StreetMap"]


def test_the_second_of_two_reads_why_in_the_admin(town, visit, monkeypatch):
    def refuse(*args, **kwargs):
        raise NotAllowedNowError("刚才有人换过这份底图，看一眼再换。")

    monkeypatch.setattr(street_maps, "replace", refuse)
    answer = visit(town.staff).post(
        ADD,
        {"community": town.community.pk, "datum": "wgs84", "file": as_file(street_net())},
        follow=True,
    )
    assert "刚才有人换过这份底图" in answer.content.decode()
