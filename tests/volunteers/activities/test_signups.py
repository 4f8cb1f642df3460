"""Places, the line, offers, pairs, clashes, pledges: through the workflow's verbs."""

from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.utils import timezone

from tests.factories.volunteers import ActivityFactory, SkillFactory, TeamFactory, riders, session
from tests.volunteers.activities.signups_help import noon_free, states
from volunteers.activities import (
    activities,
    activity_sessions,
    offers,
    pledges,
    signups,
)
from volunteers.activities.models.activities import Activity
from volunteers.activities.models.sessions import ActivitySession
from volunteers.activities.models.signups import SignUp
from volunteers.skills import skills
from volunteers.teams.models import Membership
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.outbox.models import Notice


@pytest.fixture(autouse=True)
def _no_quiet_hours(monkeypatch, request):
    if "quiet" not in request.node.name:
        noon_free(monkeypatch)


S = SignUp.State


def test_places_are_given_then_a_line_forms_in_order(activity):
    place = session(activity, maximum=2)
    made = [signups.sign_up(place, by=rider) for rider in riders(4)]
    assert [signup.state for signup in made] == [S.CONFIRMED, S.CONFIRMED, S.WAITING, S.WAITING]
    place.refresh_from_db()
    assert (place.taken, place.left) == (2, 0)
    kinds = Notice.objects.order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["volunteers.confirmed"] * 2 + ["volunteers.waiting"] * 2


def test_asking_twice_gives_the_same_sign_up(activity):
    place, [rider] = session(activity), riders(1)
    assert signups.sign_up(place, by=rider) == signups.sign_up(place, by=rider)
    assert SignUp.objects.count() == 1


def test_a_place_given_back_is_offered_to_the_next_and_held(activity):
    place = session(activity, maximum=1)
    first, second, third = [signups.sign_up(place, by=rider) for rider in riders(3)]
    signups.leave(first, by=first.user)
    assert states(place) == ["offered", "waiting"]
    second.refresh_from_db()
    assert second.offered_until == second.offered_at + (place.starts_at - second.offered_at) / 4
    # The held place is nobody else's, although nobody confirmed yet.
    [late] = riders(1)
    assert signups.sign_up(place, by=late).state == S.WAITING
    assert signups.accept_offer(second, by=second.user).state == S.CONFIRMED
    assert states(place) == ["confirmed", "waiting", "waiting"]
    assert Notice.objects.filter(recipient=second.user, kind="volunteers.offered").count() == 1
    assert third.user.notices.filter(kind="volunteers.offered").count() == 0


def test_whoever_does_not_answer_makes_way_for_the_next(activity):
    place = session(activity, maximum=1)
    first, second, third = [signups.sign_up(place, by=rider) for rider in riders(3)]
    signups.leave(first, by=first.user)
    late = SignUp.objects.get(pk=second.pk).offered_until
    assert offers.lapse_offers(now=late - timedelta(seconds=1)) == 0
    SignUp.objects.filter(pk=second.pk).update(offered_until=timezone.now())
    assert offers.lapse_offers() == 1
    assert states(place) == ["offered"]
    assert place.signups.get(state=S.OFFERED) == third
    with pytest.raises(NotAllowedNowError, match="给下一位"):
        signups.accept_offer(second, by=second.user)


def test_an_answer_after_the_hold_is_too_late_even_before_the_job_came(activity):
    place = session(activity, maximum=1)
    first, second = [signups.sign_up(place, by=rider) for rider in riders(2)]
    signups.leave(first, by=first.user)
    SignUp.objects.filter(pk=second.pk).update(offered_until=timezone.now())
    with pytest.raises(NotAllowedNowError, match="给下一位"):
        signups.accept_offer(second, by=second.user)


def test_a_pair_gets_two_places_or_waits_together(activity):
    place = session(activity, maximum=3)
    a, b, c, d, e = riders(5)
    signups.sign_up(place, by=a)
    signups.sign_up(place, by=e)
    first = signups.sign_up(place, by=b, as_pair=True)
    assert first.state == S.PAIRING
    place.refresh_from_db()
    assert place.taken == 2
    second = signups.join_pair(first.pair, by=c)
    first.refresh_from_db()
    assert (first.state, second.state) == (S.WAITING, S.WAITING)
    # One place is free, the pair cannot use it, and somebody alone behind them can.
    assert signups.sign_up(place, by=d).state == S.CONFIRMED
    signups.leave(SignUp.objects.get(user=a), by=a)
    assert not SignUp.objects.filter(state=S.OFFERED).exists()
    signups.leave(SignUp.objects.get(user=e), by=e)
    assert set(SignUp.objects.filter(state=S.OFFERED).values_list("user", flat=True)) == {
        b.pk,
        c.pk,
    }
    signups.accept_offer(second, by=c)
    first.refresh_from_db()
    assert first.state == S.CONFIRMED


def test_a_place_the_pair_cannot_use_goes_to_the_next_alone(activity):
    place = session(activity, maximum=2)
    a, b, c, d, e = riders(5)
    for rider in (a, e):
        signups.sign_up(place, by=rider)
    first = signups.sign_up(place, by=b, as_pair=True)
    signups.join_pair(first.pair, by=c)
    alone = signups.sign_up(place, by=d)
    signups.leave(SignUp.objects.get(user=a), by=a)
    alone.refresh_from_db()
    assert alone.state == S.OFFERED
    assert [s.user for s in place.signups.waiting()] == [b, c]


def test_nobody_waits_as_a_pair_for_two_places_where_there_is_one(activity, town, visit):
    place = session(activity, maximum=1)
    with pytest.raises(NotAllowedNowError, match="只有一个名额"):
        signups.sign_up(place, by=town.rider, as_pair=True)
    page = visit(town.rider).get(activity.get_absolute_url()).content.decode()
    assert "和工友一起" not in page
    ActivitySession.objects.filter(pk=place.pk).update(maximum=2, ceiling=2)
    assert "和工友一起" in visit(town.rider).get(activity.get_absolute_url()).content.decode()


def test_an_invitation_serves_once_and_never_its_sender(activity):
    place, (a, b, c) = session(activity, maximum=5), riders(3)
    first = signups.sign_up(place, by=a, as_pair=True)
    with pytest.raises(NotAllowedNowError, match="你自己"):
        signups.join_pair(first.pair, by=a)
    signups.join_pair(first.pair, by=b)
    for code in (first.pair, "", "nonsense"):
        with pytest.raises(NotAllowedNowError, match="邀请"):
            signups.join_pair(code, by=c)
    assert states(place) == ["confirmed", "confirmed"]


def test_whoever_waits_for_nobody_goes_alone_and_a_companion_left_behind_stays(activity):
    place, (a, b, c) = session(activity, maximum=5), riders(3)
    alone = signups.go_alone(signups.sign_up(place, by=a, as_pair=True), by=a)
    assert (alone.state, alone.pair) == (S.CONFIRMED, "")
    first = signups.sign_up(place, by=b, as_pair=True)
    second = signups.join_pair(first.pair, by=c)
    signups.leave(first, by=b)
    second.refresh_from_db()
    assert (second.state, second.pair) == (S.CONFIRMED, "")
    assert c.notices.filter(kind="volunteers.companion_left").count() == 1


def test_two_sessions_at_one_time_are_refused_with_the_name(activity, town):
    other = ActivityFactory(community=town.community, organiser=town.staff, title="植树")
    [rider] = riders(1)
    signups.sign_up(session(other, hours=48, minutes=90), by=rider)
    with pytest.raises(NotAllowedNowError, match="植树"):
        signups.sign_up(session(activity, hours=49), by=rider)
    after = session(activity, hours=49.5)
    assert signups.sign_up(after, by=rider).state == S.CONFIRMED


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"state": Activity.State.DRAFT}, "还没开始报名"),
        ({"state": Activity.State.CLOSED}, "已经截止"),
        ({"state": Activity.State.FINISHED}, "已经截止"),
        ({"state": Activity.State.CANCELLED, "cancel_reason": "下暴雪"}, "下暴雪"),
        ({"opens_at": timezone.now() + timedelta(hours=1)}, "还没开始报名"),
        (
            {
                "opens_at": timezone.now() - timedelta(hours=3),
                "closes_at": timezone.now() - timedelta(hours=1),
            },
            "已经截止",
        ),
    ],
)
def test_signing_up_at_the_wrong_time_is_refused(activity, change, words):
    place, [rider] = session(activity), riders(1)
    Activity.objects.filter(pk=activity.pk).update(**change)
    with pytest.raises(NotAllowedNowError, match=words):
        signups.sign_up(place, by=rider)
    assert not SignUp.objects.exists()


def test_a_session_that_began_takes_nobody_and_lets_nobody_out(activity):
    place, (a, b) = session(activity), riders(2)
    signup = signups.sign_up(place, by=a)
    ActivitySession.objects.filter(pk=place.pk).update(
        starts_at=timezone.now() - timedelta(minutes=1)
    )
    with pytest.raises(NotAllowedNowError, match="已经开始"):
        signups.sign_up(place, by=b)
    with pytest.raises(NotAllowedNowError, match="已经开始"):
        signups.leave(signup, by=a)


def test_a_teams_activity_is_for_the_team(activity, town):
    team = TeamFactory(community=town.community, name="先锋骑手")
    activity.team = team
    activity.save()
    place, (member, asker, stranger) = session(activity), riders(3)
    Membership.objects.create(team=team, user=member, joined_at=timezone.now())
    Membership.objects.create(team=team, user=asker)
    assert signups.sign_up(place, by=member).state == S.CONFIRMED
    for rider in (asker, stranger):
        with pytest.raises(NotAllowedNowError, match="先锋骑手"):
            signups.sign_up(place, by=rider)
    assert list(Activity.objects.visible_to(member)) == [activity]
    assert list(Activity.objects.visible_to(stranger)) == []


def test_a_missing_skill_is_named(activity):
    activity.skills.add(SkillFactory(name="应急救援"))
    place, [rider] = session(activity), riders(1)
    with pytest.raises(NotAllowedNowError, match="应急救援"):
        signups.sign_up(place, by=rider)


def test_a_lower_maximum_throws_nobody_out(activity):
    place = session(activity, maximum=3)
    made = [signups.sign_up(place, by=rider) for rider in riders(4)]
    place, over = activity_sessions.edit(
        place,
        by=activity.organiser,
        starts_at=place.starts_at,
        ends_at=place.ends_at,
        minimum=1,
        maximum=1,
    )
    assert (over, place.taken, place.ceiling, place.left) == (2, 3, 3, 0)
    assert states(place) == ["confirmed"] * 3 + ["waiting"]
    for signup in made[:2]:
        signups.leave(signup, by=signup.user)
    place.refresh_from_db()
    assert (place.taken, place.ceiling) == (1, 1)
    assert states(place) == ["confirmed", "waiting"]
    signups.leave(made[2], by=made[2].user)
    assert states(place) == ["offered"]


def test_a_higher_maximum_moves_the_line_and_a_new_time_is_told(activity):
    place = session(activity, maximum=1)
    first, _second = [signups.sign_up(place, by=rider) for rider in riders(2)]
    later = timedelta(hours=1)
    activity_sessions.edit(
        place,
        by=activity.organiser,
        starts_at=place.starts_at + later,
        ends_at=place.ends_at + later,
        minimum=1,
        maximum=2,
    )
    assert states(place) == ["confirmed", "offered"]
    assert first.user.notices.filter(kind="volunteers.moved").count() == 1


def test_the_database_itself_refuses_to_overbook(activity):
    place = session(activity, maximum=1)
    with pytest.raises(IntegrityError, match="session_never_overbooked"):
        ActivitySession.objects.filter(pk=place.pk).update(taken=2)


def test_cancelling_tells_everybody_why(activity):
    place = session(activity, maximum=1)
    made = [signups.sign_up(place, by=rider) for rider in riders(2)]
    activities.cancel(activity, by=activity.organiser, reason="暴雪橙色预警")
    assert states(place) == []
    for signup in made:
        notice = signup.user.notices.get(kind="volunteers.cancelled")
        assert "暴雪橙色预警" in notice.body
    with pytest.raises(NotAllowedNowError, match="已被他人处理"):
        activities.cancel(activity, by=activity.organiser, reason="再来一次")


def test_cancelling_needs_a_reason_and_a_future(activity):
    session(activity, hours=-2, minutes=60)
    with pytest.raises(NotAllowedNowError, match="为什么"):
        activities.cancel(activity, by=activity.organiser, reason=" ")
    with pytest.raises(NotAllowedNowError, match="已经有场次开始过"):
        activities.cancel(activity, by=activity.organiser, reason="没人")
    activity.refresh_from_db()
    assert activity.state == Activity.State.PUBLISHED


def test_publishing_needs_a_session_to_come(town):
    draft = ActivityFactory(community=town.community, organiser=town.staff, state="draft")
    with pytest.raises(NotAllowedNowError, match="场次"):
        activities.publish(draft, by=town.staff)
    session(draft)
    assert activities.publish(draft, by=town.staff).state == Activity.State.PUBLISHED


def test_a_copy_is_a_draft_without_people(activity):
    place = session(activity, maximum=1)
    signups.sign_up(place, by=riders(1)[0])
    new = activities.copy(activity, by=activity.organiser, days=7)
    [later] = new.sessions.all()
    assert (new.state, new.title) == (Activity.State.DRAFT, activity.title)
    assert (later.starts_at - place.starts_at, later.taken) == (timedelta(days=7), 0)
    assert later.signups.count() == 0


def test_repeating_weekly_adds_the_last_weeks_pattern(activity):
    session(activity, hours=24)
    session(activity, hours=48)
    made = activity_sessions.repeat_weekly(activity, by=activity.organiser, weeks=3)
    assert len(made) == 6
    assert activity.sessions.count() == 8
    for weeks in (0, -1, 13):
        with pytest.raises(NotAllowedNowError, match="1 到 12"):
            activity_sessions.repeat_weekly(activity, by=activity.organiser, weeks=weeks)


def test_a_pledge_is_changed_and_taken_back(town):
    trees = ActivityFactory(
        community=town.community, organiser=town.staff, pledge_item="树苗", pledge_target=50
    )
    [rider] = riders(1)
    pledges.pledge(trees, by=rider, quantity=2)
    pledges.pledge(trees, by=rider, quantity=5)
    assert trees.pledges.get().quantity == 5
    for quantity in (-1, 51, 999, 1000):
        with pytest.raises(NotAllowedNowError, match="0 到 50 棵"):
            pledges.pledge(trees, by=rider, quantity=quantity)
    assert pledges.pledge(trees, by=rider, quantity=0) is None
    assert not trees.pledges.exists()


def test_a_skill_never_needs_itself_however_long_the_way(town):
    a, b, c = SkillFactory(), SkillFactory(), SkillFactory()
    skills.require_skill(a, b, by=town.staff)
    skills.require_skill(b, c, by=town.staff)
    for needed in (a, b):
        with pytest.raises(NotAllowedNowError, match="它自己"):
            skills.require_skill(c, needed, by=town.staff)
    with pytest.raises(NotAllowedNowError, match="它自己"):
        skills.require_skill(c, c, by=town.staff)
    with pytest.raises(IntegrityError, match="skill_never_needs_itself"):
        c.needs.create(needed=c)
