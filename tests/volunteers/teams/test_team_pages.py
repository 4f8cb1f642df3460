"""Who may know who belongs to a team, what it does, and the admin."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.factories.volunteers import ActivityFactory, TeamFactory, held, riders, served, session
from tests.volunteers.teams.teams_help import join, page
from volunteers.activities import signups
from volunteers.teams.models import Membership, Team
from yuanhang.core.models import AuditEvent
from yuanhang.core.outbox.models import Notice
from yuanhang.core.paging import encode_cursor


def test_the_leader_too_is_shown_with_consent_alone(town, visit, send, team):
    assert str(town.rider) not in page(visit, town.stranger, team)
    send(town.rider, team, "show")
    seen = page(visit, town.stranger, team)
    assert str(town.rider) in seen
    assert "★" in seen


def test_a_stranger_cannot_show_or_hide(town, send, team):
    assert "不在这支队伍里" in send(town.stranger, team, "show").content.decode()
    Membership.objects.create(team=team, user=town.stranger)
    assert "不在这支队伍里" in send(town.stranger, team, "show").content.decode()
    assert not Membership.objects.filter(is_shown=True).exists()


def test_a_vanguard_team_leaves_no_trace_of_who_belonged(town, send, team, caplog):
    """Neither notices nor the trail nor the table say it, and no address ever did."""
    with caplog.at_level("DEBUG", logger="volunteers"):
        visitor = town.stranger
        addresses = [send(visitor, team, "ask").redirect_chain]
        asked = team.memberships.asked().get()
        send(town.rider, team, "accept", asked)
        addresses += [send(visitor, team, act).redirect_chain for act in ("show", "leave")]
    assert not Membership.objects.filter(user=visitor).exists()
    for notice in Notice.objects.all():
        assert team.name not in notice.title + notice.body
        assert "先锋" not in notice.title + notice.body
        assert str(visitor) not in notice.title + notice.body
    trail = AuditEvent.objects.filter(kind__startswith="volunteers.")
    assert trail.count() == 4
    assert not trail.exclude(parent_id="").exists()
    assert not trail.filter(target_type="volunteers.team").exists()
    assert {address for chain in addresses for address, _status in chain} == {
        team.get_absolute_url()
    }
    assert caplog.text == ""


def test_a_declined_request_to_a_vanguard_team_is_gone(town, send, team):
    send(town.stranger, team, "ask")
    send(town.rider, team, "decline", team.memberships.asked().get())
    assert not Membership.objects.filter(user=town.stranger).exists()


def test_staff_who_look_at_a_vanguard_team_are_written_down(town, visit, team, open_team):
    page(visit, town.staff, open_team)
    page(visit, town.rider, team)
    page(visit, town.stranger, team)
    assert not AuditEvent.objects.filter(kind="volunteers.viewed").exists()
    page(visit, town.staff, team)
    event = AuditEvent.objects.get(kind="volunteers.viewed")
    assert (event.actor_id, event.target_id) == (town.staff.pk, str(team.pk))


def test_the_page_is_kept_in_no_cache(town, visit, team):
    assert visit(town.rider).get(team.get_absolute_url())["Cache-Control"] == "no-store"


# --- what the team does ---------------------------------------------------------------------


def test_a_team_has_figures_of_its_own_and_its_activities(town, visit, open_team):
    own = ActivityFactory(
        community=town.community, organiser=town.staff, team=open_team, title="扫雪"
    )
    session(own, hours=-48)
    session(own, hours=48)
    quiet = ActivityFactory(
        community=town.community,
        organiser=town.staff,
        team=open_team,
        title="谈心",
        is_confidential=True,
    )
    session(quiet, hours=-48)
    ActivityFactory(
        community=town.community, organiser=town.staff, team=open_team, title="稿", state="draft"
    )
    for user in (None, town.stranger, town.rider, town.staff):
        assert "办过 1 个活动、1 场" in page(visit, user, open_team)
        assert ("扫雪" in page(visit, user, open_team)) == (user in (town.rider, town.staff))
        assert "谈心" not in page(visit, user, open_team)


def test_a_team_shows_all_its_activities_page_by_page(town, visit, open_team):
    for number in range(45):
        ActivityFactory(
            community=town.community, organiser=town.staff, team=open_team, title=f"活动{number:02}"
        )
    seen, url = [], open_team.get_absolute_url()
    while url:
        shown = visit(town.rider).get(url).content.decode()
        seen.append(re.findall(r"活动\d\d", shown))
        further = re.search(r"\?before=[\w-]+", shown)
        url = further and open_team.get_absolute_url() + further[0]
    assert [len(titles) for titles in seen] == [20, 20, 5]
    assert sum(seen, []) == [f"活动{number:02}" for number in reversed(range(45))]


# --- the admin ------------------------------------------------------------------------------


def test_staff_name_the_leader_of_their_own_teams_alone(town, visit, open_team):
    member = join(open_team, town.stranger)
    data = {"action": "appoint", "_selected_action": [member.pk]}
    visit(town.other_staff).post("/admin/volunteers/membership/", data)
    assert open_team.memberships.get(is_leader=True).user == town.rider
    visit(town.staff).post("/admin/volunteers/membership/", data)
    assert open_team.memberships.get(is_leader=True) == member
    assert town.stranger.notices.get().kind == "volunteers.team_leader"
    both = {"action": "appoint", "_selected_action": [m.pk for m in Membership.objects.all()]}
    response = visit(town.staff).post("/admin/volunteers/membership/", both, follow=True)
    assert "一次选一位" in response.content.decode()


def test_whoever_asked_first_can_be_named_leader_of_a_new_team(town, visit, send):
    team = TeamFactory(community=town.community)
    send(town.stranger, team, "ask")
    data = {"action": "appoint", "_selected_action": [team.memberships.get().pk]}
    visit(town.staff).post("/admin/volunteers/membership/", data)
    [leader] = team.memberships.current()
    assert leader.is_leader
    assert not leader.is_shown


def test_staff_make_teams_in_their_own_community(town, visit):
    values = {"name": "新队", "kind": "volunteer", "text": "", "is_active": "on"}
    add = "/admin/volunteers/team/add/"
    visit(town.staff).post(add, values | {"community": town.other.pk})
    assert not Team.objects.exists()
    visit(town.staff).post(add, values | {"community": town.community.pk})
    team = Team.objects.get()
    change = f"/admin/volunteers/team/{team.pk}/change/"
    assert visit(town.other_staff).get(change).status_code == 302
    visit(town.staff).post(change, {"name": "新队", "kind": "vanguard", "text": "变"})
    team.refresh_from_db()
    assert (team.kind, team.text, team.is_active) == ("volunteer", "变", False)


def test_who_left_is_in_no_list_of_the_staff(town, visit, send, open_team):
    member = join(open_team, town.stranger)
    url = f"/admin/volunteers/membership/{member.pk}/change/"
    assert visit(town.staff).get(url).status_code == 200
    assert AuditEvent.objects.filter(kind="volunteers.viewed").count() == 1
    send(town.stranger, open_team, "leave")
    assert visit(town.staff).get(url).status_code == 302


# --- queries --------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 40])
def test_a_teams_page_asks_the_same_number_of_questions(
    town, visit, team, django_assert_num_queries, count
):
    for user in riders(count):
        join(team, user, is_shown=True)
    for user in riders(count):
        Membership.objects.create(team=team, user=user)
    for user, queries in ((None, 2), (town.stranger, 7), (town.rider, 8), (town.staff, 9)):
        client = visit(user)
        client.get(team.get_absolute_url())  # what staff edit is kept from then on
        with django_assert_num_queries(queries, info=str(user)):
            assert client.get(team.get_absolute_url()).status_code == 200


@pytest.mark.parametrize("count", [1, 40])
def test_the_list_asks_the_same_number_of_questions(town, visit, django_assert_num_queries, count):
    for _ in range(count):
        made = TeamFactory(community=town.community)
        activity = ActivityFactory(community=town.community, organiser=town.staff, team=made)
        served(held(activity), dict.fromkeys(riders(3), 60))
    for user, queries in ((None, 2), (town.rider, 5)):
        client = visit(user)
        with django_assert_num_queries(queries):
            assert client.get("/volunteers/teams/").status_code == 200


def test_more_members_than_a_page_holds_are_behind_a_link(town, visit, open_team, monkeypatch):
    monkeypatch.setattr("volunteers.team_page.presenter.MEMBERS_A_PAGE", 3)
    members = [join(open_team, user) for user in riders(5)]
    first = page(visit, town.rider, open_team)
    key = encode_cursor([members[1].pk])
    assert f"?after={key}" in first
    rest = visit(town.rider).get(f"{open_team.get_absolute_url()}?after={key}")
    shown = [str(m.user) in rest.content.decode() for m in members]
    assert shown == [False, False, True, True, True]
    assert visit(town.rider).get(f"{open_team.get_absolute_url()}?after=%00").status_code == 200


def test_the_list_goes_on_behind_a_link(town, visit, monkeypatch):
    monkeypatch.setattr("volunteers.team_page.views.PAGE_SIZE", 3)
    made = {TeamFactory(community=(town.community, town.other)[n % 2]).name for n in range(8)}
    seen, following = [], ""
    while following is not None:
        answer = visit(None).get(f"/volunteers/teams/{following}")
        seen += [team.name for team in answer.context["teams"]]
        link = re.search(r'href="(\?after=[^"]+)"', answer.content.decode())
        following = link and link[1]
    assert len(seen) == 8
    assert set(seen) == made
    for key in (
        "x",
        encode_cursor(["1", "x"]),
        encode_cursor([1, "\0"]),
        encode_cursor([10**30, ""]),
    ):
        assert visit(None).get(f"/volunteers/teams/?after={key}").status_code == 200


def test_whoever_left_the_team_still_finds_what_they_signed_up_for(town, visit, send, open_team):
    activity = ActivityFactory(community=town.community, team=open_team, title="队里扫雪")
    place, [member] = session(activity), riders(1)
    join(open_team, member)
    signup = signups.sign_up(place, by=member)
    send(member, open_team, "leave")
    client = visit(member)
    assert "来不了" in client.get(activity.get_absolute_url()).content.decode()
    seen = {"seen": signup.pk}
    assert client.post(f"/volunteers/sessions/{place.pk}/leave/", seen).status_code == 302
    place.refresh_from_db()
    assert place.taken == 0
    assert client.get(activity.get_absolute_url()).status_code == 404


def test_left_and_asked_again_much_later(town, send, open_team):
    join(open_team, town.stranger)
    send(town.stranger, open_team, "leave")
    Membership.objects.filter(user=town.stranger).update(
        asked_at=timezone.now() - timedelta(days=2), left_at=timezone.now() - timedelta(days=1)
    )
    send(town.stranger, open_team, "ask")
    assert Membership.objects.filter(user=town.stranger).count() == 2
