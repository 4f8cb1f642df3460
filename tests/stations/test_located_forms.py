"""Coordinates and boundaries typed into the admin: whatever they came from, WGS-84 is stored."""

import json

import pytest
from django.contrib import admin
from django.urls import reverse

from stations.areas.boundaries import polygon_of
from stations.areas.models import Grid, Landmark
from tests.admin_forms import all_posted
from tests.factories.admin_rows import MAKERS
from tests.factories.hazards import into, report
from tests.factories.stations import LandmarkFactory, square
from tests.factories.volunteers import searched
from volunteers.searches import searches
from yuanhang.core import geo
from yuanhang.core.models import Located

HERE = (46.545, 124.945)
GIVEN = {"wgs84": HERE, "gcj02": geo.wgs84_to_gcj02(*HERE), "bd09": geo.wgs84_to_bd09(*HERE)}
LOCATED = sorted(
    model._meta.label_lower
    for model, one in admin.site._registry.items()
    if issubclass(model, Located)
)


@pytest.mark.parametrize("datum", GIVEN)
@pytest.mark.parametrize("label", [name for name in LOCATED if name != "hazards.hazard"])
def test_every_form_with_a_point_stores_it_in_wgs84(town, visit, label, datum):
    """A pair from a map of GCJ-02 was stored as it was: 535 m off, in the neighbour's grid."""
    row = MAKERS[label](town)
    url = f"/admin/{label.replace('.', '/')}/{row.pk}/change/"
    client = visit(town.admin)
    page = client.get(url)
    latitude, longitude = GIVEN[datum]
    point = {"latitude": latitude, "longitude": longitude, "datum": datum}
    answer = client.post(url, all_posted(page) | point)
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    row.refresh_from_db()
    assert (row.latitude, row.longitude) == pytest.approx(HERE, abs=2e-6)
    assert row.datum == datum
    # Saved once more as it is shown: nothing moves.
    client.post(url, all_posted(client.get(url)))
    row.refresh_from_db()
    assert (row.latitude, row.longitude) == pytest.approx(HERE, abs=2e-6)
    assert row.datum == datum


def test_a_row_stored_unconverted_is_mended_by_naming_its_datum(town, visit):
    latitude, longitude = GIVEN["gcj02"]
    mark = LandmarkFactory(community=town.community, latitude=latitude, longitude=longitude)
    url = f"/admin/stations/landmark/{mark.pk}/change/"
    client = visit(town.staff)
    client.post(url, all_posted(client.get(url)) | {"datum": "gcj02"})
    mark.refresh_from_db()
    assert (mark.latitude, mark.longitude) == pytest.approx(HERE, abs=2e-6)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [({"longitude": ""}, "要一起填"), ({"datum": "mars"}, "mars"), ({"latitude": "91"}, "90")],
)
def test_half_a_point_and_unknown_datums_are_refused_and_kept(town, visit, wrong, words):
    values = {"name": "路口", "community": town.community.pk, "latitude": 46.5, "longitude": 124.9}
    page = visit(town.staff).post("/admin/stations/landmark/add/", values | wrong)
    assert words in page.content.decode()
    assert 'value="路口"' in page.content.decode()
    assert not Landmark.objects.exists()


@pytest.mark.parametrize("label", [name for name in LOCATED if name != "hazards.hazard"])
def test_every_form_with_a_point_has_the_map_before_the_typed_fields(town, visit, label):
    row = MAKERS[label](town)
    base = f"/admin/{label.replace('.', '/')}"
    client = visit(town.admin)
    for url in (f"{base}/{row.pk}/change/", f"{base}/add/"):
        page = client.get(url).content.decode()
        assert page.count('class="pin-map"') == 1, url
        names = [f'name="{name}"' for name in ("latitude", "longitude", "datum")]
        places = [page.index(mark) for mark in ('class="pin-map"', *names)]
        assert places == sorted(places)
        assert 'src="/static/js/map/pin' in page
        assert "地图要开脚本才有" in page


def test_who_may_only_read_gets_no_map_to_pick_on(town, visit):
    case = report(town.six)
    page = visit(town.staff).get(f"/admin/hazards/hazard/{case.pk}/change/")
    assert page.status_code == 200
    assert "pin-map" not in page.content.decode()
    over = searched(town)
    searches.end(over, by=town.staff)
    page = visit(town.staff).get(f"/admin/volunteers/searchnotice/{over.pk}/change/")
    assert "pin-map" not in page.content.decode()


# --- boundaries -----------------------------------------------------------------------------

PLAIN = square(46.6, 124.6)
FEATURE = {"type": "Feature", "properties": {"name": "七\u0000"}, "geometry": PLAIN}
RING = PLAIN["coordinates"][0]
WRAPPED = {
    "plain": PLAIN,
    "feature": FEATURE,
    "collection of one": {"type": "FeatureCollection", "features": [FEATURE]},
    "with heights": {"type": "Polygon", "coordinates": [[[*pair, 150.5] for pair in RING]]},
    "open ring": {"type": "Polygon", "coordinates": [RING[:-1]]},
    "numbers as text": {"type": "Polygon", "coordinates": [[[str(n) for n in p] for p in RING]]},
    "one part": {"type": "MultiPolygon", "coordinates": [[RING]]},
    "one part of a feature": {
        "type": "Feature",
        "geometry": {"type": "MultiPolygon", "coordinates": [[RING]]},
    },
    "one geometry": {"type": "GeometryCollection", "geometries": [PLAIN]},
    "foreign members": PLAIN | {"crs": {"properties": {"name": "EPSG:4490"}}, "bbox": None},
}


def add_grid(client, town, boundary, **fields):
    text = boundary if isinstance(boundary, str) else json.dumps(boundary)
    values = {"community": town.community.pk, "number": 7, "name": "第七网格", "boundary": text}
    return client.post("/admin/stations/grid/add/", values | fields)


@pytest.mark.parametrize("kind", WRAPPED)
def test_a_boundary_in_its_wrapping_is_stored_plain_and_every_map_opens(town, visit, kind):
    """A Feature was saved as it was, and broke everybody's map and the hand-over sheet."""
    answer = add_grid(visit(town.admin), town, WRAPPED[kind])
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    grid = Grid.objects.get(name="第七网格")
    assert grid.boundary.keys() == {"type", "coordinates"}
    assert polygon_of(grid.boundary).equals(polygon_of(PLAIN))
    for ring in grid.boundary["coordinates"]:
        assert ring[0] == ring[-1]
        assert {len(pair) for pair in ring} == {2}
    client = visit(town.admin)
    case = into(report(grid), "accepted", town)
    pages = [reverse(f"hazards:{name}") for name in ("map", "map-data", "queue")]
    pages.append(reverse("stations:ground", args=["now"]))
    pages += [reverse("hazards:handover", args=[case.number]), searched(town).get_absolute_url()]
    for url in pages:
        assert client.get(url).status_code == 200, url


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_a_boundary_of_another_datum_is_brought_home(town, visit, datum):
    forward = {"gcj02": geo.wgs84_to_gcj02, "bd09": geo.wgs84_to_bd09}[datum]
    ring = [list(reversed(forward(latitude, longitude))) for longitude, latitude in RING]
    pasted = {"type": "Polygon", "coordinates": [ring]}
    assert add_grid(visit(town.admin), town, pasted, boundary_datum=datum).status_code == 302
    stored = polygon_of(Grid.objects.get(name="第七网格").boundary)
    assert stored.symmetric_difference(polygon_of(PLAIN)).area < 1e-6 * stored.area * 1000


TWO = {"type": "FeatureCollection", "features": [FEATURE, FEATURE]}
PARTS = {"type": "MultiPolygon", "coordinates": [[RING]] * 3}
BROKEN = [
    (TWO, "里有 2 个图形"),
    ({"type": "FeatureCollection", "features": []}, "里没有图形"),
    ({"type": "FeatureCollection", "features": {"a": 1}}, "里没有图形"),
    ({"type": "Feature", "geometry": None}, "不是有效的 GeoJSON"),
    ({"type": "LineString", "coordinates": RING}, "一个不自交的多边形"),
    ({"type": "MultiPolygon", "coordinates": [[RING], [RING]]}, "分成了 2 块"),
    ({"type": "Feature", "geometry": PARTS}, "分成了 3 块"),
    ({"type": "MultiPolygon", "coordinates": []}, "一个不自交的多边形"),
    ({"type": "MultiPolygon", "coordinates": [7]}, "不是有效的 GeoJSON"),
    ({"type": "MultiPolygon", "coordinates": {"0": [RING]}}, "不是有效的 GeoJSON"),
    ({"type": "GeometryCollection", "geometries": [PLAIN, PLAIN]}, "里有 2 个图形"),
    ({"type": "GeometryCollection", "geometries": []}, "里没有图形"),
    ({"type": ["Polygon"], "coordinates": [RING]}, "不是有效的 GeoJSON"),
    ({"type": "Polygon"}, "不是有效的 GeoJSON"),
    ({"coordinates": [RING]}, "不是有效的 GeoJSON"),
    ({"type": "Polygon", "coordinates": RING}, "不是有效的 GeoJSON"),
    ({"type": "Polygon", "coordinates": [RING[:2]]}, "不是有效的 GeoJSON"),
    ({"type": "Polygon", "coordinates": [[[1], [2], [3]]]}, "不是有效的 GeoJSON"),
    ({"type": "Polygon", "coordinates": [[[1, None], [2, 3], [3, 4]]]}, "不是有效的 GeoJSON"),
    ({"type": "Polygon", "coordinates": [[["一", 2], [2, 3], [3, 4]]]}, "不是有效的 GeoJSON"),
    ({"type": "Polygon", "coordinates": [[[10**400, 2], [2, 3], [3, 4]]]}, "不是有效的 GeoJSON"),
    ({"type": "Polygon", "coordinates": [[], RING]}, "不自交"),
    ([PLAIN], "不是有效的 GeoJSON"),
    ("[" * 100_000, "JSON"),
    (f"[{'9' * 5000}]", "JSON"),
    (square(124.6, 46.6), "先经度后纬度"),
    (square(46.6, 124.6, 0.00001), "只有几米"),
    ('{"type": "Polygon", "coordinates": [[[1, 2], [NaN, 3], [4, 5], [1, 2]]]}', "多边形"),
    ('{"type": "Polygon", "coordinates": [[[1, 2], [Infinity, 3], [4, 5], [1, 2]]]}', "多边形"),
    ("124.6,46.6 124.7,46.7", "JSON"),
]


@pytest.mark.filterwarnings("ignore:invalid value encountered")
@pytest.mark.parametrize(("boundary", "words"), BROKEN)
def test_what_is_no_boundary_is_refused_in_words_and_kept(town, visit, boundary, words):
    answer = add_grid(visit(town.admin), town, boundary)
    assert answer.status_code == 200
    assert words in str(answer.context["adminform"].form.errors["boundary"])
    assert len(answer.context["adminform"].form.errors) == 1
    assert not Grid.objects.filter(name="第七网格").exists()


def test_a_boundary_of_very_many_points_is_refused(town, visit):
    side = [[124.6 + n / 100_000, 46.6] for n in range(2100)]
    ring = [*side, [124.6, 46.7], side[0]]
    answer = add_grid(visit(town.admin), town, {"type": "Polygon", "coordinates": [ring]})
    assert "个点，地图画不动" in str(answer.context["adminform"].form.errors)


def test_staff_read_a_grid_and_are_asked_nothing(town, visit):
    page = visit(town.staff).get(f"/admin/stations/grid/{town.six.pk}/change/")
    assert page.status_code == 200
    assert "坐标是从哪儿抄的" not in page.content.decode()
