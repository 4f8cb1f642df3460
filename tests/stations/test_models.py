"""The ground: what the database refuses, which grid a point lies in, who serves where."""

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from stations.areas.models import Community, Grid, polygon_of
from stations.houses.models import Facility, Zone
from stations.postings.models import Posting
from tests.core.test_models import refused
from tests.factories.stations import (
    CommunityFactory,
    GridFactory,
    LandmarkFactory,
    OpeningHoursFactory,
    OrganisationFactory,
    StationFactory,
    SubdistrictFactory,
    square,
)
from tests.factories.workers import UserFactory
from tests.stations.models_help import DAY, TODAY

# --- what the database refuses --------------------------------------------------------------


def test_names_of_places_are_used_once(town):
    with refused("stations_subdistrict_name_key"):
        SubdistrictFactory(name=town.subdistrict.name)
    with refused("stations_community_name_key"):
        CommunityFactory(subdistrict=town.subdistrict, name=town.community.name)
    with refused("stations_station_slug_key"):
        StationFactory(community=town.other, slug=town.station.slug)


def test_only_one_community_takes_what_has_no_place(town):
    with refused("one_home_community"):
        CommunityFactory(subdistrict=town.subdistrict, is_home=True)
    CommunityFactory(subdistrict=town.subdistrict)


def test_a_community_numbers_its_grids_without_doubles(town):
    with refused("grid_number_once"):
        GridFactory(community=town.community, number=6, boundary=square(46.5, 124.5))
    GridFactory(community=town.other, number=6, boundary=square(46.5, 124.5))


@pytest.mark.parametrize(
    "box", [{"south": 47.0}, {"west": 125.0}, {"south": 46.55}, {"east": 124.94}]
)
def test_a_grids_box_has_a_height_and_a_width(town, box):
    with refused("grid_box_is_a_box"):
        Grid.objects.filter(pk=town.six.pk).update(**box)


def test_a_landmark_is_named_once_in_its_community(town):
    LandmarkFactory(community=town.community, name="东门")
    LandmarkFactory(community=town.other, name="东门")
    with refused("landmark_once"):
        LandmarkFactory(community=town.community, name="东门")


@pytest.mark.parametrize("point", [{"latitude": 91.0}, {"longitude": None}, {"longitude": -181}])
def test_a_station_lies_on_the_globe_or_has_no_point(town, point):
    with refused("station_point"):
        StationFactory(community=town.community, **point)
    assert not StationFactory(community=town.community, latitude=None, longitude=None).has_point


def test_opening_hours_stand_once_and_on_a_day_of_the_week(town):
    OpeningHoursFactory(station=town.station, weekday=0, opens="08:00", closes="12:00")
    with refused("opening_hours_once"):
        OpeningHoursFactory(station=town.station, weekday=0, opens="08:00", closes="21:00")
    with refused("weekday_exists"):
        OpeningHoursFactory(station=town.station, weekday=8, opens="08:00", closes="21:00")


def test_a_facility_was_not_checked_in_the_future(town):
    zone = Zone.objects.create(station=town.station, name="能量加油站")
    Facility.objects.create(zone=zone, seal="水", name="饮水", checked_at=timezone.now())
    with refused("facility_checked_not_ahead"):
        Facility.objects.create(
            zone=zone, seal="水", name="饮水", checked_at=timezone.now() + 2 * DAY
        )


def test_an_organisation_is_named_once_in_its_subdistrict(town):
    with refused("organisation_once"):
        OrganisationFactory(subdistrict=town.subdistrict, name=town.organisation.name)
    OrganisationFactory(subdistrict=SubdistrictFactory(), name=town.organisation.name)


def test_a_post_ends_on_its_first_day_or_later(town):
    with refused("posting_ends_after_start"):
        town.grid_worker.postings.update(start=TODAY(), end=TODAY() - DAY)
    town.grid_worker.postings.update(start=TODAY(), end=TODAY())


NEEDS = {
    "grid_worker": "grid",
    "part_time_grid_worker": "grid",
    "station_keeper": "station",
    "community_staff": "community",
    "centre_officer": "subdistrict",
}


def test_every_role_has_its_kind_of_place():
    assert set(NEEDS) == set(Posting.Role.values)


@pytest.mark.parametrize("role", sorted(NEEDS))
def test_a_post_is_for_the_place_of_its_role_and_no_other(town, role):
    places = {
        "grid": town.six,
        "station": town.station,
        "community": town.community,
        "subdistrict": town.subdistrict,
    }
    user, needed = UserFactory(), NEEDS[role]
    made = Posting.objects.create(user=user, role=role, **{needed: places[needed]})
    assert made.place == places[needed]
    for kind in set(places) - {needed}:
        with refused("posting_has_its_place"):
            Posting.objects.create(user=user, role=role, **{kind: places[kind]})
        with refused("posting_has_its_place"):
            Posting.objects.create(
                user=user, role=role, **{needed: places[needed], kind: places[kind]}
            )
    with refused("posting_has_its_place"):
        Posting.objects.create(user=user, role=role)


def test_an_unknown_role_has_no_place_at_all(town):
    with refused("posting_has_its_place"):
        Posting.objects.create(user=town.rider, role="mayor", subdistrict=town.subdistrict)


# --- grids and points -----------------------------------------------------------------------


def containing(latitude, longitude):
    return Grid.objects.containing(latitude, longitude)


def test_a_point_lies_in_its_grid_and_outside_in_none(town):
    assert containing(46.545, 124.945) == town.six
    assert containing(46.545, 124.935) == town.one
    assert containing(46.545, 124.955) == town.far
    for outside in [(46.5399, 124.945), (46.5501, 124.945), (46.545, 124.97), (0, 0), (-90, 180)]:
        assert containing(*outside) is None


def test_a_point_on_a_shared_edge_or_a_rim_belongs_to_one_grid(town):
    first = min([town.six, town.one], key=lambda grid: grid.pk)
    assert containing(46.545, 124.94) == first
    assert containing(46.55, 124.945) == town.six
    assert containing(46.54, 124.93) == town.one


def test_the_polygon_decides_where_the_box_is_too_wide(db):
    ring = [[124.0, 46.0], [124.1, 46.0], [124.0, 46.1], [124.0, 46.0]]
    triangle = GridFactory(boundary={"type": "Polygon", "coordinates": [ring]})
    assert containing(46.02, 124.02) == triangle
    assert containing(46.09, 124.09) is None


def test_a_hole_in_a_grid_is_outside(db):
    outer, hole = square(46.0, 124.0, 0.1), square(46.04, 124.04, 0.02)
    rings = outer["coordinates"] + hole["coordinates"]
    grid = GridFactory(boundary={"type": "Polygon", "coordinates": rings})
    assert containing(46.01, 124.01) == grid
    assert containing(46.05, 124.05) is None


def test_finding_the_grid_is_one_query(town, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert containing(46.545, 124.945).community == town.community


def test_the_box_follows_the_boundary(town):
    town.six.boundary = square(46.6, 124.6)
    town.six.save()
    town.six.refresh_from_db()
    assert (town.six.south, town.six.west) == (46.6, 124.6)
    assert (town.six.north, town.six.east) == (46.61, 124.61)
    assert town.six.centre == pytest.approx((46.605, 124.605))
    assert containing(46.605, 124.605) == town.six
    assert containing(46.545, 124.945) is None


def overlapping(**fields):
    grid = GridFactory.build(community=fields.pop("community"), number=99, **fields)
    with pytest.raises(ValidationError) as error:
        grid.clean()
    return error.value.message_dict


def test_grids_never_share_ground(town):
    assert overlapping(community=town.other, boundary=square(46.545, 124.945)) == {
        "boundary": ["和第六网格重叠了。"]
    }
    assert overlapping(community=town.community, boundary=square(46.54, 124.94)) == {
        "boundary": ["和第六网格重叠了。"]
    }


def test_a_large_grid_does_not_swallow_a_small_one(town):
    GridFactory(community=town.community, name="小网格", boundary=square(47.5, 126.5))
    assert overlapping(community=town.community, boundary=square(47.0, 126.0, 1.0)) == {
        "boundary": ["和小网格重叠了。"]
    }


def test_neighbours_may_share_an_edge_a_corner_or_a_sliver(town):
    for boundary in [
        square(46.55, 124.94),
        square(46.55, 124.96),
        square(46.5499999, 124.94),
    ]:
        GridFactory.build(community=town.community, number=99, boundary=boundary).clean()
    town.six.clean()


@pytest.mark.parametrize(
    ("boundary", "words"),
    [
        (None, "边界不是有效的 GeoJSON 多边形。"),
        ({}, "边界不是有效的 GeoJSON 多边形。"),
        ([], "边界不是有效的 GeoJSON 多边形。"),
        ("Polygon", "边界不是有效的 GeoJSON 多边形。"),
        (7, "边界不是有效的 GeoJSON 多边形。"),
        ({"type": "Polygon"}, "边界不是有效的 GeoJSON 多边形。"),
        ({"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]}, "边界"),
        ({"type": "Polygon", "coordinates": [[["a", "b"]] * 4]}, "边界"),
        ({"type": "Polygon", "coordinates": []}, "边界要是一个不自交的多边形。"),
        ({"type": "Point", "coordinates": [124.9, 46.5]}, "边界要是一个不自交的多边形。"),
        (
            {"type": "MultiPolygon", "coordinates": [square(46, 124)["coordinates"]] * 2},
            "分成了 2 块",
        ),
        (
            {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]},
            "边界要是一个不自交的多边形。",
        ),
        (square(124.94, 46.54), "边界的经纬度超出范围，注意先经度后纬度。"),
        (square(0, 180), "边界的经纬度超出范围，注意先经度后纬度。"),
    ],
)
def test_a_boundary_that_is_none_is_refused_in_chinese(boundary, words):
    with pytest.raises(ValidationError, match=words):
        polygon_of(boundary)


def test_the_form_of_a_grid_names_the_field_with_the_bad_boundary():
    grid = Grid(number=1, name="格", boundary={"type": "Point", "coordinates": [124.9, 46.5]})
    with pytest.raises(ValidationError) as error:
        grid.clean_fields(exclude=["community"])
    assert error.value.message_dict == {"boundary": ["边界要是一个不自交的多边形。"]}


@pytest.mark.django_db
def test_a_grid_without_a_boundary_is_not_stored():
    with pytest.raises(ValidationError):
        GridFactory(boundary={"type": "Point", "coordinates": [124.9, 46.5]})
    assert not Grid.objects.exists()


# --- communities ----------------------------------------------------------------------------


def test_what_has_no_place_goes_to_the_marked_community_else_to_the_oldest(town):
    assert Community.objects.home() == town.community
    Community.objects.filter(pk=town.other.pk).update(is_home=False)
    town.community.is_home = False
    town.community.save()
    assert Community.objects.home() == town.community
    Community.objects.filter(pk=town.other.pk).update(is_home=True)
    assert Community.objects.home() == town.other
