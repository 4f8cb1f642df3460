"""Somebody is deactivated: what they held is free at once, and nobody waits for them."""

import contextlib
from datetime import timedelta

import pytest
from django.utils import timezone

from stations.postings import postings
from stations.postings.models import Posting
from tests.factories.volunteers import ActivityFactory, TeamFactory, held, riders, session
from tests.threads import together
from tests.volunteers.errands.errands_help import errand
from volunteers.activities import (
    activities,
    activity_sessions,
    offers,
    pledges,
    reminders,
    signups,
)
from volunteers.activities.models.signups import Pledge, SignUp
from volunteers.errands import errands
from volunteers.record import attendance
from volunteers.teams import teams
from volunteers.teams.models import Membership
from yuanhang.core import people
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.models import AuditEvent, User
from yuanhang.core.outbox.models import Notice

S = SignUp.State


@pytest.fixture
def activity(town):
    return ActivityFactory(community=town.community, organiser=town.staff)


def off(town, person):
    return people.deactivate(person, by=town.admin)


def state_of(signup):
    return SignUp.objects.get(pk=signup.pk).state


def told(person):
    return set(Notice.objects.filter(recipient=person).values_list("kind", flat=True))


# --- posts ----------------------------------------------------------------------------------


def test_posts_end_at_once_and_do_not_come_back(town):
    today = timezone.localdate()
    former = Posting.objects.create(
        user=town.rider, role="grid_worker", grid=town.six, start=today - timedelta(days=9)
    )
    fresh = Posting.objects.create(user=town.rider, role="grid_worker", grid=town.one)
    later = Posting.objects.create(
        user=town.rider, role="grid_worker", grid=town.far, start=today + timedelta(days=3)
    )
    off(town, town.rider)
    people.reactivate(town.rider, by=town.admin)
    assert not Posting.objects.ongoing().filter(user=town.rider).exists()
    former.refresh_from_db()
    assert former.end == today - timedelta(days=1)
    assert not Posting.objects.filter(pk__in=[fresh.pk, later.pk]).exists()
    kinds = AuditEvent.objects.filter(kind__endswith="_posting").values_list("kind", flat=True)
    assert sorted(kinds) == ["stations.edit_posting"] + ["stations.remove_posting"] * 2


def test_no_post_is_given_to_whoever_is_switched_off(town, visit):
    off(town, town.rider)
    with pytest.raises(NotAllowedNowError):
        postings.create(Posting(user=town.rider, role="grid_worker", grid=town.six), by=town.admin)
    fields = {"user": town.rider.pk, "role": "grid_worker", "grid": town.six.pk}
    page = visit(town.admin).post(
        "/admin/stations/posting/add/", fields | {"start": str(timezone.localdate())}
    )
    assert "这个账号已经停用" in page.content.decode()
    assert not Posting.objects.filter(user=town.rider).exists()


def test_a_registration_of_somebody_gone_waits_for_nobody(town, visit):
    page = "/admin/workers/worker/?confirmed=no"
    assert str(town.rider) in visit(town.staff).get(page).content.decode()
    off(town, town.rider)
    assert str(town.rider) not in visit(town.staff).get(page).content.decode()


# --- places ---------------------------------------------------------------------------------


def test_a_place_goes_to_the_next_in_line(town, activity):
    place = session(activity, maximum=1)
    a, b, c = riders(3)
    first, second, third = [signups.sign_up(place, by=person) for person in (a, b, c)]
    off(town, b)
    off(town, a)
    assert [state_of(one) for one in (first, second, third)] == [
        S.CANCELLED,
        S.CANCELLED,
        S.OFFERED,
    ]
    place.refresh_from_db()
    assert place.taken == 1
    assert "volunteers.offered" not in told(a) | told(b)


def test_an_offer_in_hand_goes_on(town, activity):
    place = session(activity, maximum=1)
    a, b, c = riders(3)
    first, second, third = [signups.sign_up(place, by=person) for person in (a, b, c)]
    signups.leave(first, by=a)
    assert state_of(second) == S.OFFERED
    off(town, b)
    assert [state_of(second), state_of(third)] == [S.CANCELLED, S.OFFERED]


def test_who_was_switched_off_by_another_way_is_passed_over(town, activity):
    place = session(activity, maximum=1)
    a, b, c = riders(3)
    first, second, third = [signups.sign_up(place, by=person) for person in (a, b, c)]
    User.objects.filter(pk=b.pk).update(is_active=False)
    signups.leave(first, by=a)
    assert [state_of(second), state_of(third)] == [S.WAITING, S.OFFERED]


@pytest.mark.parametrize("who", [0, 1])
def test_the_companion_keeps_the_place_and_is_told(town, activity, who):
    place = session(activity, maximum=2)
    pair = riders(2)
    first = signups.sign_up(place, by=pair[0], as_pair=True)
    signups.join_pair(first.pair, by=pair[1])
    off(town, pair[who])
    left = place.signups.active().get()
    assert (left.user, left.state, left.pair) == (pair[1 - who], S.CONFIRMED, "")
    assert "volunteers.companion_left" in told(pair[1 - who])


def test_an_invitation_ends_with_whoever_gave_it(town, activity):
    a, b = riders(2)
    first = signups.sign_up(session(activity), by=a, as_pair=True)
    off(town, a)
    with pytest.raises(NotAllowedNowError):
        signups.join_pair(first.pair, by=b)


def test_what_has_begun_keeps_who_was_there(town, activity):
    [a] = riders(1)
    place = held(activity, [a])
    off(town, a)
    assert place.signups.get().state == S.CONFIRMED


def test_nobody_inactive_is_reminded(town, activity, settings):
    settings.REMINDER_HOURS = 72
    a, b = riders(2)
    place = session(activity)
    for person in (a, b):
        signups.sign_up(place, by=person)
    User.objects.filter(pk=a.pk).update(is_active=False)
    noon = (timezone.localtime() + timedelta(days=1)).replace(hour=10)
    reminders.remind(noon)
    assert "volunteers.reminder" not in told(a)
    assert "volunteers.reminder" in told(b)


def test_what_they_promised_to_bring_is_not_counted(town, activity):
    activity.pledge_item, activity.pledge_target = "树苗", 80
    activity.save()
    pledges.pledge(activity, by=town.rider, quantity=5)
    off(town, town.rider)
    assert not Pledge.objects.exists()


# --- leads ----------------------------------------------------------------------------------


def test_sessions_to_come_need_another_leader_and_staff_hear_of_it(town, activity):
    coming = session(activity, leader=town.rider)
    past = held(ActivityFactory(community=town.community, organiser=town.staff), leader=town.rider)
    off(town, town.rider)
    for place in (coming, past):
        place.refresh_from_db()
    assert (coming.leader, past.leader) == (None, town.rider)
    assert Notice.objects.filter(kind="volunteers.staff_leaderless").count() == 1
    assert "volunteers.staff_leaderless" in told(town.staff)


def test_a_copy_of_an_old_session_does_not_name_them_again(town, activity):
    held(activity, leader=town.rider)
    off(town, town.rider)
    copy = activities.copy(activity, by=town.staff, days=14)
    assert copy.sessions.get().leader is None


def test_the_list_is_asked_of_somebody_who_can_open_it(town, colleague):
    own = ActivityFactory(community=town.community, organiser=town.staff)
    place = held(own, leader=town.staff, days=0)
    off(town, town.staff)
    assert attendance.ask_leaders() == 1
    notice = Notice.objects.get(kind="volunteers.ask_roster")
    assert (notice.recipient, notice.url) == (colleague, place.get_roster_url())


def test_whoever_organised_what_is_coming_is_missed(town, colleague):
    ActivityFactory(community=town.community, organiser=town.staff)
    off(town, town.staff)
    assert "volunteers.staff_leaderless" in told(colleague)


def test_a_team_without_its_leader_tells_the_staff(town):
    team = TeamFactory(community=town.community)
    now = timezone.now()
    for person, leads in [(town.rider, True), (town.stranger, False)]:
        Membership.objects.create(team=team, user=person, joined_at=now, is_leader=leads)
    asked = riders(1)[0]
    teams.ask_to_join(team, by=asked)
    off(town, asked)
    off(town, town.rider)
    assert [one.user for one in team.memberships.filter(left_at__isnull=True)] == [town.stranger]
    assert "volunteers.staff_team_leaderless" in told(town.staff)


# --- errands --------------------------------------------------------------------------------


def test_an_errand_in_hand_is_free_again(town):
    town.rider.worker.confirmed_at = timezone.now()
    town.rider.worker.save()
    one = errand(town)
    claim = errands.claim(one, by=town.rider)
    off(town, town.rider)
    one.refresh_from_db()
    claim.refresh_from_db()
    assert (one.state, claim.outcome) == ("open", "returned")
    with pytest.raises(NotAllowedNowError):
        errands.claim(one, by=town.rider)


def test_a_weekly_errand_asks_its_usual_helper_no_more(town):
    today = timezone.localdate()
    one = errand(town, preferred=town.rider, repeats_weekly=True, due_on=today)
    two = errand(town, preferred=town.stranger, repeats_weekly=True, due_on=today)
    off(town, town.rider)
    User.objects.filter(pk=town.stranger.pk).update(is_active=False)
    errands.repeat_weekly(today + timedelta(days=6))
    following = type(one).objects.filter(pk__gt=two.pk)
    assert [(new.preferred, new.reserved_until) for new in following] == [(None, None)] * 2


# --- at the same moment ---------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_no_place_is_given_while_somebody_is_being_switched_off(town, rows_come_back):
    activity = ActivityFactory(community=town.community, organiser=town.staff)
    place = session(activity)
    for _ in range(3):
        people.reactivate(town.rider, by=town.admin)
        together(
            lambda: signups.sign_up(place, by=town.rider),
            lambda: people.deactivate(town.rider, by=town.admin),
        )
        assert not place.signups.active().filter(user=town.rider).exists()


def test_offers_are_lapsed_without_a_word_to_them(town, activity):
    a, b = riders(2)
    place = session(activity, maximum=1)
    first, second = [signups.sign_up(place, by=person) for person in (a, b)]
    signups.leave(first, by=a)
    User.objects.filter(pk=b.pk).update(is_active=False)
    offers.lapse_offers(timezone.now() + timedelta(days=2))
    assert "volunteers.lapsed" not in told(b)
    assert state_of(second) == S.LAPSED


def test_repeated_weeks_do_not_name_them(town, activity):
    session(activity, leader=town.rider)
    User.objects.filter(pk=town.rider.pk).update(is_active=False)
    new = activity_sessions.repeat_weekly(activity, by=town.staff, weeks=1)
    assert [one.leader for one in new] == [None]


@pytest.mark.parametrize("is_held", [True, False])
def test_a_request_that_began_before_takes_no_place_after(town, activity, monkeypatch, is_held):
    """Without the person's lock (the control) a request read before gives a place after."""
    if not is_held:
        monkeypatch.setattr(signups, "_hold_people", lambda *users: None)
    place, before = session(activity), User.objects.get(pk=town.rider.pk)
    off(town, town.rider)
    with contextlib.suppress(NotAllowedNowError):
        signups.sign_up(place, by=before)
    assert place.signups.active().exists() != is_held
