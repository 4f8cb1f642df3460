"""Teams with a thumb, by keyboard, without script, on a narrow phone, light and dark."""

import pytest
from playwright.sync_api import expect

from tests.browser.thumb import narrow_trouble, press_by_keyboard
from tests.factories.volunteers import ActivityFactory, TeamFactory, held, riders, served
from tests.volunteers.teams.teams_help import join, volunteers_team
from volunteers.teams import teams
from volunteers.teams.models import Membership, Team


@pytest.fixture
def team(town):
    """The volunteers' team, led by the rider; a member, somebody who asks, figures, long words."""
    made = volunteers_team(town)
    made.name, made.text = "很长的队名" * 8, "空了就来。" * 40
    made.save()
    join(made, town.grid_worker, is_shown=True)
    teams.ask_to_join(made, by=town.stranger)
    activity = ActivityFactory(
        community=town.community, organiser=town.staff, team=made, title="雪后清扫" * 12
    )
    served(held(activity), dict.fromkeys(riders(3), 60))
    return made


@pytest.fixture
def pages(town, team):
    """(who looks, address): each part somebody can have in a team."""
    TeamFactory(community=town.community, name="先锋队", kind=Team.Kind.VANGUARD)
    url = team.get_absolute_url()
    return [
        (None, "/volunteers/teams/"),
        (town.rider, "/volunteers/teams/"),
        (None, url),
        (town.rider, url),  # leads
        (town.grid_worker, url),  # member
        (town.stranger, url),  # asked
        (town.officer, url),  # outside
        (town.staff, url),
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_are_readable_and_fit_a_narrow_phone(person, pages, scheme):
    assert narrow_trouble(person, pages, scheme) == []


def test_where_there_is_no_team_the_page_says_whom_to_ask(town, person):
    page = person()
    page.goto("/volunteers/teams/")
    expect(page.get_by_text("想拉一支，到驿站前台说一声。")).to_be_visible()
    assert narrow_trouble(person, [(None, "/volunteers/teams/")], "light") == []


def test_by_keyboard_alone_one_asks_is_answered_and_made_leader(town, person, team):
    asker, leader = person(town.officer), person(town.rider)
    asker.goto("/volunteers/teams/")
    press_by_keyboard(asker, team.name)
    asker.wait_for_url(f"**{team.get_absolute_url()}")
    press_by_keyboard(asker, "我要加入")
    expect(asker.get_by_text("等队长答复")).to_be_visible()
    Membership.objects.filter(user=town.stranger).delete()
    leader.goto(team.get_absolute_url())
    press_by_keyboard(leader, "收下")
    expect(leader.get_by_text("收下了，已经告诉对方。")).to_be_visible()
    Membership.objects.filter(user=town.grid_worker).delete()
    leader.reload()
    press_by_keyboard(leader, "交接")
    press_by_keyboard(leader, f"让 {town.officer} 当队长")
    expect(leader.get_by_text("交接好了")).to_be_visible()
    assert team.memberships.get(is_leader=True).user == town.officer


def test_without_scripts_one_asks_shows_ones_name_and_leaves(town, person, team):
    page = person(town.officer, java_script_enabled=False)
    page.goto(team.get_absolute_url())
    page.get_by_role("button", name="我要加入").click()
    asked = team.memberships.get(user=town.officer)
    teams.answer_asker(team, asked.pk, by=town.rider, is_accepted=True)
    page.goto(team.get_absolute_url())
    page.get_by_role("button", name="同意公开我的名字").click()
    expect(page.get_by_text("登录的人能看到你在队里。")).to_be_visible()
    page.locator("summary", has_text="退出队伍").click()
    page.get_by_role("button", name="确定退出").click()
    expect(page.get_by_role("button", name="我要加入")).to_be_visible()


def test_activities_teams_and_errands_lead_to_each_other(town, person, team):
    page = person(town.rider)
    page.goto("/volunteers/")
    for link, address in (
        ("队伍", "/volunteers/teams/"),
        ("看顺路任务", "/volunteers/errands/"),
        ("看队伍", "/volunteers/teams/"),
        (team.name, team.get_absolute_url()),
        ("雪后清扫", "/volunteers/activities/*/"),
        ("看全部活动", "/volunteers/"),
        ("顺路任务", "/volunteers/errands/"),
    ):
        page.locator("main").get_by_role("link", name=link).first.click()
        page.wait_for_url(f"**{address}")
