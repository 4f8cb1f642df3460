"""Teams: asking, answering, leaving, leading, and who may know who belongs; through the pages."""

import pytest
from django.db import IntegrityError

from tests.factories.stations import CommunityFactory
from tests.factories.volunteers import TeamFactory, riders
from tests.volunteers.teams.teams_help import join, page
from volunteers.teams import teams
from volunteers.teams.models import Membership, Team
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.models import AuditEvent
from yuanhang.core.outbox.models import Notice

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
