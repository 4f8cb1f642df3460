"""Communities, and who serves where."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from stations.areas.models import Community, Grid, Subdistrict
from stations.houses.models import OpeningHours
from stations.postings.access import (
    centre_officers,
    community_staff,
    grid_workers,
    has_post,
    scope_of,
)
from stations.postings.models import Organisation, Scope
from tests.factories.stations import (
    OpeningHoursFactory,
)
from tests.factories.workers import UserFactory, post
from tests.stations.models_help import DAY, TODAY
from yuanhang.core.models import User


def again(user):
    """The same person in a later request."""
    return User.objects.get(pk=user.pk)


@pytest.mark.django_db
def test_an_empty_site_has_no_home_and_no_neighbour():
    assert Community.objects.home() is None
    assert Community.objects.nearest(46.545, 124.945) == (None, None)


def test_the_nearest_community_is_that_of_the_nearest_grid(town, django_assert_num_queries):
    with django_assert_num_queries(1):
        community, metres = Community.objects.nearest(46.545, 125.0)
    assert community == town.other
    assert metres == pytest.approx(3440, rel=0.01)
    assert Community.objects.nearest(46.545, 124.9)[0] == town.community
    assert Community.objects.nearest(46.545, 124.945) == (town.community, pytest.approx(0, abs=1))


# --- who serves where -----------------------------------------------------------------------


def test_a_scope_holds_the_places_of_all_current_posts(town):
    user = UserFactory()
    for role, place in [
        ("grid_worker", town.six),
        ("part_time_grid_worker", town.far),
        ("station_keeper", town.station),
        ("community_staff", town.other),
        ("centre_officer", town.subdistrict),
    ]:
        post(user, role, place)
    assert scope_of(user) == Scope(
        grids=frozenset({town.six.pk, town.far.pk}),
        stations=frozenset({town.station.pk}),
        communities=frozenset({town.other.pk}),
        subdistricts=frozenset({town.subdistrict.pk}),
    )
    assert has_post(user)


def test_who_has_no_post_has_an_empty_scope(town):
    for user in (town.rider, town.stranger, AnonymousUser()):
        assert not scope_of(user)
        assert scope_of(user) == Scope()
        assert not has_post(user)
    assert has_post(town.admin)
    assert scope_of(town.admin) == Scope()


@pytest.mark.parametrize(
    ("start", "end", "counts"),
    [
        (0, None, True),
        (0, 0, True),
        (-30, 0, True),
        (-30, 1, True),
        (-30, -1, False),
        (1, None, False),
        (1, 5, False),
    ],
)
def test_a_post_counts_from_its_first_to_its_last_day(town, start, end, counts):
    town.grid_worker.postings.update(
        start=TODAY() + start * DAY, end=None if end is None else TODAY() + end * DAY
    )
    assert bool(scope_of(again(town.grid_worker))) is counts
    assert (town.grid_worker in grid_workers(town.six)) is counts
    assert has_post(again(town.grid_worker)) is counts


def test_the_day_changes_at_local_midnight(town, monkeypatch):
    town.grid_worker.postings.update(start=datetime(2026, 11, 24).date())
    for utc, counts in [
        (datetime(2026, 11, 23, 15, 59, 59, tzinfo=UTC), False),
        (datetime(2026, 11, 23, 16, 0, tzinfo=UTC), True),
    ]:
        monkeypatch.setattr(timezone, "now", lambda moment=utc: moment)
        assert bool(scope_of(again(town.grid_worker))) is counts


def test_who_was_shut_out_serves_nowhere(town):
    User.objects.filter(pk=town.grid_worker.pk).update(is_active=False)
    assert scope_of(again(town.grid_worker)) == Scope()
    assert set(grid_workers(town.six)) == set()


def test_a_scope_is_asked_for_once_per_request(town, django_assert_num_queries):
    user = again(town.grid_worker)
    with django_assert_num_queries(2):  # whether a post has changed, and all posts of the day
        for _ in range(3):
            scope_of(user)
            has_post(user)
    nobody = again(town.stranger)
    with django_assert_num_queries(1):
        for _ in range(3):
            assert not has_post(nobody)


def test_whom_a_place_asks_and_who_may_act_there_agree(town):
    """The list of holders and the scope are two readings of one table."""
    town.other_grid_worker.postings.update(end=TODAY() - DAY, start=TODAY() - DAY)
    late = UserFactory()
    post(late, "grid_worker", town.six)
    late.postings.update(start=TODAY() + DAY)
    User.objects.filter(pk=town.other_staff.pk).update(is_active=False)
    readings = [
        (Grid, grid_workers, "grids"),
        (Community, community_staff, "communities"),
        (Subdistrict, centre_officers, "subdistricts"),
    ]
    pairs = set()
    for model, holders, kind in readings:
        for place in model.objects.all():
            listed = set(holders(place))
            scopes = {user: scope_of(user) for user in User.objects.all()}
            scoped = {user for user, scope in scopes.items() if place.pk in getattr(scope, kind)}
            assert listed == scoped, place
            pairs |= {(place, user) for user in listed}
    assert pairs == {
        (town.six, town.grid_worker),
        (town.community, town.staff),
        (town.subdistrict, town.officer),
    }


def test_rows_say_who_they_are(town):
    keeper = UserFactory()
    held = post(keeper, "station_keeper", town.station)
    rule = OpeningHoursFactory(
        station=town.station,
        weekday=OpeningHours.Weekday.SATURDAY,
        opens=datetime(2026, 1, 1, 8).time(),
        closes=datetime(2026, 1, 1, 21).time(),
    )
    assert [str(row) for row in (held, rule, town.six, town.station, town.organisation)] == [
        "驿站管理员 · 庆小驿温暖站",
        "周六 8:00–21:00",
        "第六网格",
        "庆小驿温暖站",
        town.organisation.name,
    ]
    assert Organisation.objects.get() == town.organisation
