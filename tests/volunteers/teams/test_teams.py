"""Teams: asking, answering, leaving, leading, and who may know who belongs; through the pages."""

import re
from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.utils import timezone

from tests.factories.stations import CommunityFactory
from tests.factories.volunteers import ActivityFactory, TeamFactory, held, riders, served, session
from volunteers.activities import signups
from volunteers.teams import teams
from volunteers.teams.models import Membership, Team
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.models import AuditEvent
from yuanhang.core.outbox.models import Notice
from yuanhang.core.paging import encode_cursor


def join(team, user, **fields):
    """A member since a moment ago."""
    return Membership.objects.create(team=team, user=user, joined_at=timezone.now(), **fields)


@pytest.fixture
def team(town):
    """先锋队伍, led by the rider, who shows nothing."""
    made = TeamFactory(community=town.community, name="先锋骑手队", kind=Team.Kind.VANGUARD)
    join(made, town.rider, is_leader=True)
    return made


def volunteers_team(town):
    """志愿服务队, led by the rider."""
    made = TeamFactory(community=town.community, name="红马甲")
    join(made, town.rider, is_leader=True)
    return made


@pytest.fixture
def open_team(town):
    """As `volunteers_team`."""
    return volunteers_team(town)


@pytest.fixture
def send(visit):
    """`send(user, team, "ask")`: press a button, follow to where it leads; the page's words."""

    def press(user, team, act, member=None):
        data = {"act": act} | ({"member": member.pk} if member else {})
        return visit(user).post(team.get_absolute_url(), data, follow=True)

    return press


def page(visit, user, team):
    return visit(user).get(team.get_absolute_url()).content.decode()


# --- the list -------------------------------------------------------------------------------


def test_everybody_sees_the_teams_in_use_of_the_subdistrict(town, visit, team):
    TeamFactory(community=town.community, name="散了的队", is_active=False)
    TeamFactory(community=CommunityFactory(), name="外街道的队")
    next_door = TeamFactory(community=town.other, name="景山志愿队", text="扫雪")
    for user in (None, town.rider, town.stranger):
        listed = visit(user).get("/volunteers/teams/").content.decode()
        assert "先锋骑手队" in listed
        assert "先锋队伍" in listed
        assert next_door.name in listed
        assert "扫雪" in listed
        assert "散了的队" not in listed
        assert "外街道的队" not in listed


def test_a_team_that_ended_is_there_for_its_members_and_staff_alone(town, visit, team):
    Team.objects.update(is_active=False)
    answers = {
        name: visit(getattr(town, name)).get(team.get_absolute_url()).status_code
        for name in ("rider", "staff", "admin", "stranger", "other_staff", "officer")
    }
    assert answers == {
        "rider": 200,
        "staff": 200,
        "admin": 200,
        "stranger": 404,
        "other_staff": 404,
        "officer": 404,
    }
    assert visit(None).get(team.get_absolute_url()).status_code == 404


# --- asking, answering, leaving -------------------------------------------------------------


def test_one_tap_asks_and_the_leader_says_yes(town, visit, send, open_team):
    asker = town.stranger
    assert "申请发出去了" in send(asker, open_team, "ask").content.decode()
    asked = open_team.memberships.asked().get()
    told = town.rider.notices.get(kind="volunteers.team_asked")
    assert str(asker) not in told.title + told.body
    assert str(asker) in page(visit, town.rider, open_team)
    assert "等队长答复" in page(visit, asker, open_team)
    send(town.rider, open_team, "accept", asked)
    asked.refresh_from_db()
    assert asked.joined_at
    assert not asked.is_shown
    assert asker.notices.get().kind == "volunteers.team_accepted"
    kinds = AuditEvent.objects.order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["volunteers.ask_to_join", "volunteers.accept_asker"]


def test_a_no_is_told_and_may_be_asked_again(town, send, open_team):
    send(town.stranger, open_team, "ask")
    send(town.rider, open_team, "decline", open_team.memberships.asked().get())
    assert not open_team.memberships.asked().exists()
    assert town.stranger.notices.get().kind == "volunteers.team_declined"
    send(town.stranger, open_team, "ask")
    assert open_team.memberships.asked().get().user == town.stranger


def test_a_team_without_a_leader_asks_the_staff(town, send):
    team = TeamFactory(community=town.community)
    send(town.stranger, team, "ask")
    assert town.staff.notices.get().kind == "volunteers.team_asked"
    assert not town.other_staff.notices.exists()
    send(town.staff, team, "accept", team.memberships.get())
    assert team.memberships.current().get().user == town.stranger


def test_a_team_that_ended_takes_nobody(town, send, team):
    Team.objects.update(is_active=False)
    with pytest.raises(NotAllowedNowError, match="不收人"):
        teams.ask_to_join(team, by=town.stranger)
    assert Membership.objects.count() == 1


def test_who_answers_and_who_hands_over(town, visit, open_team):
    member = join(open_team, riders(1)[0])
    asked = Membership.objects.create(team=open_team, user=town.stranger)
    answers = {"stranger": 403, "officer": 403, "other_staff": 403, "grid_worker": 403}
    url = open_team.get_absolute_url()
    for name, status in answers.items():
        for act in ("accept", "decline", "hand-over"):
            data = {"act": act, "member": asked.pk}
            assert visit(getattr(town, name)).post(url, data).status_code == status, (name, act)
    assert visit(member.user).post(url, {"act": "accept", "member": asked.pk}).status_code == 403
    # Staff answer, but the leader's word is the leader's.
    data = {"act": "hand-over", "member": member.pk}
    assert visit(town.staff).post(url, data).status_code == 403
    assert visit(None).post(url, data).url.startswith("/accounts/login/")
    assert open_team.memberships.get(is_leader=True).user == town.rider
    assert open_team.memberships.asked().get() == asked


@pytest.mark.parametrize("member", ["", "0", "x", "-1", "９９", "9" * 40, "\x00"])
def test_nonsense_as_a_member_is_answered_in_words(town, visit, open_team, member):
    for act, words in (("accept", "已被他人处理"), ("hand-over", "不在队里")):
        data = {"act": act, "member": member}
        response = visit(town.rider).post(open_team.get_absolute_url(), data, follow=True)
        assert words in response.content.decode()
    for act in ("", "x", "\x00"):
        response = visit(town.rider).post(open_team.get_absolute_url(), {"act": act})
        assert response.status_code == 400


def test_members_of_another_team_are_out_of_reach(town, send, team, open_team):
    asked = Membership.objects.create(team=team, user=town.stranger)
    Membership.objects.filter(team=team, user=town.rider).update(is_leader=False)
    assert "已被他人处理" in send(town.rider, open_team, "accept", asked).content.decode()
    asked.refresh_from_db()
    assert asked.joined_at is None


def test_leaving_is_one_tap_and_twice_is_no_error(town, send, open_team):
    member = join(open_team, town.stranger, is_shown=True)
    for _ in range(2):
        assert send(town.stranger, open_team, "leave").status_code == 200
    member.refresh_from_db()
    assert member.left_at
    assert not member.is_shown
    told = town.rider.notices.get()
    assert told.kind == "volunteers.team_left"
    assert str(town.stranger) not in told.title + told.body


def test_a_request_is_taken_back_without_a_word_to_anybody(town, send, open_team):
    send(town.stranger, open_team, "ask")
    send(town.stranger, open_team, "leave")
    assert not open_team.memberships.asked().exists()
    assert not Notice.objects.filter(kind="volunteers.team_left").exists()


def test_a_leader_hands_over_before_leaving(town, send, open_team):
    member = join(open_team, town.stranger)
    assert "先把队长交给别人" in send(town.rider, open_team, "leave").content.decode()
    send(town.rider, open_team, "hand-over", member)
    assert open_team.memberships.get(is_leader=True) == member
    assert town.stranger.notices.get().kind == "volunteers.team_leader"
    send(town.rider, open_team, "leave")
    assert [m.user for m in open_team.memberships.current()] == [town.stranger]
    send(town.stranger, open_team, "leave")  # the last one needs nobody to hand over to
    assert not open_team.memberships.current().exists()


def test_nobody_hands_over_to_somebody_who_only_asked(town, send, open_team):
    asked = Membership.objects.create(team=open_team, user=town.stranger)
    assert "不在队里" in send(town.rider, open_team, "hand-over", asked).content.decode()
    assert open_team.memberships.get(is_leader=True).user == town.rider


def test_a_team_has_one_leader_in_the_database_too(town, open_team):
    with pytest.raises(IntegrityError, match="team_has_one_leader"):
        join(open_team, town.stranger, is_leader=True)


# --- who may know who belongs ---------------------------------------------------------------


def test_a_member_is_shown_with_consent_alone_and_hidden_with_one_tap(town, visit, send, team):
    [member, other] = riders(2)
    join(team, member)
    join(team, other)
    watchers = (town.stranger, other, town.officer, town.other_staff, town.grid_worker)

    def seen_by():
        return [user for user in watchers if str(member) in page(visit, user, team)]

    assert seen_by() == []
    assert "党员" in page(visit, member, team)
    send(member, team, "show")
    assert seen_by() == list(watchers)
    assert str(member) not in page(visit, None, team)  # guests learn no names at all
    send(member, team, "hide")
    assert seen_by() == []
    for user in (town.rider, town.staff, town.admin):
        assert str(member) in page(visit, user, team)


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
    for user, queries in ((None, 2), (town.stranger, 8), (town.rider, 9), (town.staff, 10)):
        client = visit(user)
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
    assert f"?after={members[1].pk}" in first
    rest = visit(town.rider).get(f"{open_team.get_absolute_url()}?after={members[1].pk}")
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
