"""The ground of the maps: one answer for everybody, light, and new as soon as anything changes."""

import gzip
import json

import pytest

from stations.areas.models import Landmark
from stations.streets import ground, street_maps
from stations.streets.models import StreetMap
from stations.streets.reading import read_street_map
from tests.factories.hazards import report
from tests.factories.stations import LandmarkFactory, StationFactory, street_net, with_streets
from yuanhang.core import map_ground
from yuanhang.core.geo import Point

IN_SIX = Point(46.545, 124.945, 10)


def decoded(shape, steps):
    """(longitude, latitude) pairs of a shape as it leaves."""
    kind, name, numbers = shape
    x = y = 0
    pairs = []
    for dx, dy in zip(numbers[::2], numbers[1::2], strict=True):
        x, y = x + dx, y + dy
        pairs.append((x / steps, y / steps))
    return kind, name, pairs


def test_the_ground_is_for_everybody_and_has_no_case(town, client, django_assert_num_queries):
    report(town.six, place="不该出现", point=IN_SIX)
    LandmarkFactory(community=town.community, name="大集东口")
    LandmarkFactory(community=town.community, name="没有位置", latitude=None, longitude=None)
    StationFactory(community=town.community, name="没公开的", is_listed=False)
    with_streets(town.community, town.staff)
    address = map_ground.address()
    # The version, grids, landmarks, stations, shapes; the second time the version alone.
    with django_assert_num_queries(5):
        response = client.get(address)
    with django_assert_num_queries(1):
        assert client.get(address).content == response.content
    found = response.json()
    assert {grid["name"] for grid in found["grids"]} == {"第六网格", "第一网格", "景山一网格"}
    assert [mark["name"] for mark in found["landmarks"]] == ["大集东口"]
    assert [house["name"] for house in found["stations"]] == ["庆小驿温暖站"]
    assert "不该出现" not in response.content.decode()
    assert "Cookie" not in response.get("Vary", "")
    kind, name, pairs = decoded(found["shapes"][0], found["steps"])
    assert (kind, name) == ("main", "南六街")
    assert pairs == [(124.94, 46.545), (124.95, 46.545)]


def test_it_is_kept_for_good_and_sent_packed(town, client):
    with_streets(town.community, town.staff)
    response = client.get(map_ground.address(), headers={"Accept-Encoding": "gzip"})
    kept = {"public", "immutable", "max-age=31536000"}
    assert set(response["Cache-Control"].split(", ")) == kept
    assert response["Content-Encoding"] == "gzip"
    assert len(json.loads(gzip.decompress(response.content))["shapes"]) == 5


def test_whatever_changes_on_the_ground_changes_its_address(town, client):
    addresses = [map_ground.address()]

    def changed():
        addresses.append(map_ground.address())

    with_streets(town.community, town.staff)
    changed()
    mark = LandmarkFactory(community=town.community, name="大集东口")
    changed()
    mark.name = "大集西口"
    mark.save()
    changed()
    mark.delete()
    # As it was before: what phones have kept is right again.
    assert map_ground.address() == addresses[1]
    town.station.is_listed = False
    town.station.save()
    changed()
    town.six.name = "第六"
    town.six.save()
    changed()
    StreetMap.objects.get().delete()
    changed()
    assert len(set(addresses)) == len(addresses)
    # An old page gets the ground as it is now, and keeps it for a minute only.
    stale = client.get(addresses[1])
    assert stale.json()["shapes"] == []
    assert "max-age=60" in stale["Cache-Control"]


def test_a_page_with_a_map_names_the_version(town, client):
    assert (
        f'data-ground="{map_ground.address()}"' in client.get("/hazards/report/").content.decode()
    )


def test_where_a_map_is_opened_rarely_its_page_asks_nothing(town, visit, django_assert_num_queries):
    with django_assert_num_queries(0):
        address = map_ground.address(names_version=False)
    page = visit(town.staff).get("/admin/stations/landmark/add/").content.decode()
    assert f'data-ground="{address}"' in page
    answer = visit(None).get(address)
    assert answer.json()["grids"]
    assert "max-age=60" in answer["Cache-Control"]


def test_a_grids_name_and_number_stand_inside_the_grid(town):
    corner = [[124.97, 46.54], [124.98, 46.54], [124.98, 46.55], [124.979, 46.55]]
    ring = [*corner, [124.979, 46.541], [124.97, 46.541], [124.97, 46.54]]
    town.six.boundary = {"type": "Polygon", "coordinates": [ring]}
    town.six.save()
    grid = next(g for g in ground.ground()["grids"] if g["id"] == town.six.pk)
    find = type(town.six).objects.containing
    assert find(grid["latitude"], grid["longitude"]) == town.six
    assert find(grid["nameLatitude"], grid["nameLongitude"]) == town.six


def test_landmarks_of_a_map_come_to_those_that_are_there(town):
    moved = LandmarkFactory(
        community=town.community, name="大集东口", latitude=46.0, longitude=124.0
    )
    LandmarkFactory(community=town.community, name="老地方")
    net = street_net()
    shape = {"type": "Point", "coordinates": [124.948, 46.548]}
    net["features"].append(
        {"type": "Feature", "properties": {"name": "大集东口"}, "geometry": shape}
    )
    street_maps.replace(town.community, read_street_map(net, "wgs84"), by=town.staff)
    moved.refresh_from_db()
    assert (moved.latitude, moved.longitude) == (46.548, 124.948)
    assert set(Landmark.objects.values_list("name", flat=True)) == {"大集东口", "老地方"}


@pytest.mark.parametrize("count", [0, 1])
def test_one_map_takes_the_place_of_the_other(town, count):
    first = with_streets(town.community, town.staff)
    net = street_net()
    net["features"] = net["features"][: count + 1]
    read = read_street_map(net, "wgs84")
    second = street_maps.replace(town.community, read, by=town.staff, seen=first.updated_at)
    assert second.pk == first.pk
    assert second.shapes.count() == count + 1
