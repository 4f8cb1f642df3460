"""What a team did, as sums of its ledger, and never what one person did."""

import pytest

from tests.factories.volunteers import ActivityFactory, held, riders, served
from tests.volunteers.teams.teams_help import page, volunteers_team
from volunteers.record.models.service_records import ServiceRecord


@pytest.fixture
def open_team(town):
    """志愿服务队."""
    return volunteers_team(town)


def test_a_teams_hours_are_the_sum_of_its_ledger(town, visit, open_team):
    facts = {"community": town.community, "organiser": town.staff, "team": open_team}
    snow, market = ActivityFactory(**facts), ActivityFactory(**facts)
    one, two, three = riders(3)
    served(held(snow, minutes=120), {one: 120, two: 90})
    last = held(market, minutes=120)
    served(last, {two: 60, three: 95})
    served(last, {three: -30})  # corrected
    waits = {"needs_second": True, "by": town.staff, "reason": "补录"}
    served(held(market, minutes=600), {one: 600}, **waits)
    other = ActivityFactory(community=town.community, organiser=town.staff)
    secret = ActivityFactory(is_confidential=True, **facts)
    for activity in (other, secret):
        served(held(activity, minutes=600), {one: 600, two: 600, three: 600})
    # 120 + 90 + 60 + 95 - 30 = 335 minutes; three sessions of two activities that are not secret.
    words = "办过 2 个活动、3 场，一共服务 5 小时"
    for user in (None, town.stranger, town.rider, town.staff):
        assert words in page(visit, user, open_team)
        assert words in visit(user).get("/volunteers/teams/").content.decode()


@pytest.mark.parametrize("third", ["nobody", "corrected to nothing", "erased"])
def test_hours_of_two_people_are_nobodys_to_see(town, visit, open_team, third):
    """Either of the two could tell from the sum what the other did."""
    activity = ActivityFactory(community=town.community, organiser=town.staff, team=open_team)
    place = held(activity, minutes=180)
    one, two, three = riders(3)
    served(place, {one: 120, two: 180})
    if third == "corrected to nothing":
        served(place, {three: 60})
        served(place, {three: -60})
    elif third == "erased":
        served(place, {three: 60})
        ServiceRecord.objects.filter(user=three).update(user=None)
    for address in (open_team.get_absolute_url(), "/volunteers/teams/"):
        text = visit(town.stranger).get(address).content.decode()
        assert "办过 1 个活动" in text
        assert "小时" not in text
    served(place, {riders(1)[0]: 60})
    assert "一共服务 6 小时" in page(visit, town.stranger, open_team)
