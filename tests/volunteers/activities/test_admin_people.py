"""Staff name a leader or a helper without knowing any number but a phone's."""

import re

import pytest

from tests.factories.volunteers import ActivityFactory, TeamFactory, session
from tests.factories.workers import UserFactory, WorkerFactory
from tests.volunteers.activities.test_admin import at, change, fields_of, on
from tests.volunteers.errands.test_errands import errand
from volunteers.teams.models import Membership
from yuanhang.core.models import AuditEvent


@pytest.fixture
def place(town):
    activity = ActivityFactory(community=town.community, organiser=town.staff)
    return session(activity, leader=town.staff)


def offered(page, name):
    """The people whom a form's list offers, by primary key."""
    select = re.search(rf'<select name="{name}".*?</select>', page.content.decode(), re.S)[0]
    return {int(pk) for pk in re.findall(r'<option value="(\d+)"', select)}


def join(community, user):
    """Become a member of a team of the community."""
    team = TeamFactory(community=community)
    return Membership.objects.create(team=team, user=user, joined_at=team.created_at)


def test_the_list_offers_who_serves_here_or_is_in_a_team_and_nobody_else(town, visit, place):
    join(town.community, town.rider)
    join(town.other, town.stranger)
    gone = UserFactory(is_active=False)
    join(town.community, gone)
    people = offered(visit(town.staff).get(at(place)), "leader")
    assert {town.staff.pk, town.grid_worker.pk, town.rider.pk} <= people
    assert not {town.stranger.pk, town.other_staff.pk, gone.pk} & people
    assert town.other_staff.pk in offered(visit(town.admin).get(at(place)), "leader")


def test_nobody_outside_the_list_is_named_by_a_forged_number(town, visit, place):
    answer = change(visit(town.staff), at(place), leader=town.stranger.pk)
    assert answer.status_code == 200
    assert str(town.stranger) not in answer.content.decode()
    place.refresh_from_db()
    assert place.leader == town.staff


def test_whoever_is_not_on_the_list_is_found_by_phone(town, visit, place):
    spoken = f"{town.rider.phone[:3]} {town.rider.phone[3:7]}-{town.rider.phone[7:]}"
    assert change(visit(town.staff), at(place), by_phone=spoken).status_code == 302
    place.refresh_from_db()
    assert place.leader == town.rider
    # Named once, the person stays choosable, and saving the page again changes nothing.
    assert town.rider.pk in offered(visit(town.staff).get(at(place)), "leader")
    assert change(visit(town.staff), at(place)).status_code == 302
    place.refresh_from_db()
    assert place.leader == town.rider


@pytest.mark.parametrize("typed", ["abc", "123", "19999999999", "stranger"])
def test_a_phone_of_nobody_here_names_nobody(town, visit, place, typed):
    phone = town.stranger.phone if typed == "stranger" else typed
    answer = change(visit(town.staff), at(place), by_phone=phone)
    assert answer.status_code == 200
    shown = answer.content.decode()
    assert "没有用这个手机号登记" in shown or "11 位手机号" in shown
    place.refresh_from_db()
    assert place.leader == town.staff


def test_an_errands_usual_helper_is_named_the_same_way(town, visit):
    made = errand(town)
    url = f"/admin/volunteers/errand/{made.pk}/change/"
    WorkerFactory(user=town.stranger, community=town.community)
    assert change(visit(town.staff), url, by_phone=town.stranger.phone).status_code == 302
    made.refresh_from_db()
    assert made.preferred == town.stranger
    assert AuditEvent.objects.get(kind="volunteers.edit_errand").changes == {
        "fields": ["preferred"]
    }
    assert change(visit(town.staff), url, preferred="").status_code == 302
    made.refresh_from_db()
    assert made.preferred is None


def test_who_serves_one_community_never_picks_it(town, visit):
    for model in ("activity", "errand", "team", "searchnotice"):
        fields = fields_of(visit(town.staff).get(f"/admin/volunteers/{model}/add/"))
        assert fields["community"] == str(town.community.pk), model
        assert "community" not in fields_of(
            visit(town.admin).get(f"/admin/volunteers/{model}/add/")
        )


def test_a_new_sessions_leader_is_chosen_in_its_row(town, visit, place):
    page = visit(town.staff).get(on(place.activity))
    assert town.grid_worker.pk in offered(page, "sessions-2-0-leader")
