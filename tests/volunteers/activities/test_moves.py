"""A session gets another time: offers, reminders, clashes, and what staff are told stays."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from tests.factories.volunteers import ActivityFactory, riders, session
from tests.volunteers.activities.admin_help import at, change
from tests.volunteers.activities.signups_help import noon_free
from tests.volunteers.errands.errands_help import errand
from volunteers.activities import (
    activities,
    activity_sessions,
    moves,
    quiet_hours,
    reminders,
    signups,
)
from volunteers.activities.admin_forms import ActivityForm
from volunteers.activities.models.signups import SignUp
from volunteers.errands import errands
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.outbox.models import Notice

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _no_quiet_hours(monkeypatch, request):
    if "quiet" not in request.node.name:
        noon_free(monkeypatch)


def moved(town, place, starts_at, *, minutes=60, by=None):
    ends_at = starts_at + timedelta(minutes=minutes)
    place.refresh_from_db()
    changed, _over = activity_sessions.edit(
        place,
        by=by or town.staff,
        starts_at=starts_at,
        ends_at=ends_at,
        minimum=1,
        maximum=place.maximum,
        leader=place.leader,
    )
    return changed


def offered(place):
    """The offer to the second of two people who wanted the only place."""
    first, second = [signups.sign_up(place, by=person) for person in riders(2)]
    signups.leave(first, by=first.user)
    second.refresh_from_db()
    assert second.state == "offered"
    return second


def newest(person):
    return Notice.objects.filter(recipient=person).order_by("-pk").first()


# --- offers ---------------------------------------------------------------------------------


def test_an_offer_ends_before_the_new_start_and_its_person_hears_when(town, activity):
    signup = offered(session(activity, hours=24 * 20, maximum=1))
    start = timezone.now() + 2 * HOUR
    moved(town, signup.session, start)
    signup.refresh_from_db()
    assert timezone.now() < signup.offered_until <= timezone.now() + HOUR
    assert "名额给你留到" in newest(signup.user).body


def test_an_offer_is_never_held_longer_than_was_told(town, activity):
    signup = offered(session(activity, hours=8, maximum=1))
    until = signup.offered_until
    moved(town, signup.session, timezone.now() + 100 * HOUR)
    signup.refresh_from_db()
    assert signup.offered_until == until


def test_a_telling_put_off_by_quiet_hours_is_not_put_behind_the_start(town, activity, monkeypatch):
    signup = offered(session(activity, hours=24 * 20, maximum=1))
    now = timezone.now()
    SignUp.objects.filter(pk=signup.pk).update(tell_at=now + 9 * HOUR)
    Notice.objects.filter(recipient=signup.user, kind="volunteers.offered").delete()
    monkeypatch.setattr(quiet_hours, "quiet_until", lambda moment: now + 9 * HOUR)
    moved(town, signup.session, now + 2 * HOUR)
    signup.refresh_from_db()
    assert signup.tell_at is None
    assert signup.offered_until <= now + 2 * HOUR
    kinds = Notice.objects.filter(recipient=signup.user).values_list("kind", flat=True)
    assert {"volunteers.offered", "volunteers.moved"} <= set(kinds)


def test_an_offer_on_a_cancelled_activity_says_so(town, activity):
    signup = offered(session(activity, maximum=1))
    activities.cancel(activity, by=town.staff, reason="下大雪")
    with pytest.raises(NotAllowedNowError, match="下大雪"):
        signups.accept_offer(signup, by=signup.user)
    signup.refresh_from_db()
    assert (signup.state, signup.offered_until, signup.tell_at) == ("cancelled", None, None)


# --- clashes --------------------------------------------------------------------------------


def two_sessions(town, activity, person):
    """Two sessions a day apart that the person is confirmed for."""
    other = ActivityFactory(community=town.community, organiser=town.staff, title="扫雪")
    first, second = session(activity, hours=48), session(other, hours=72)
    for place in (first, second):
        signups.sign_up(place, by=person)
    return first, second


def test_whoever_is_expected_at_two_places_is_told(town, activity):
    person, bystander = riders(2)
    first, second = two_sessions(town, activity, person)
    signups.sign_up(first, by=bystander)
    moved(town, first, second.starts_at + HOUR / 2)
    assert "「扫雪」" in newest(person).body
    assert "撞时间" in newest(person).body
    assert "\n" not in newest(person).body
    assert "撞" not in newest(bystander).body


def test_a_session_that_only_grows_longer_clashes_too(town, activity):
    [person] = riders(1)
    first, second = two_sessions(town, activity, person)
    moved(town, first, second.starts_at - 2 * HOUR, minutes=60)
    assert "撞" not in newest(person).body
    moved(town, first, second.starts_at - 2 * HOUR, minutes=150)
    assert "撞" in newest(person).body


def test_what_was_called_off_clashes_with_nothing(town, activity):
    [person] = riders(1)
    first, second = two_sessions(town, activity, person)
    activities.cancel(second.activity, by=town.staff, reason="下大雪")
    moved(town, first, second.starts_at)
    assert "撞" not in newest(person).body


def test_a_confidential_one_is_not_named_in_a_notice(town, activity):
    [person] = riders(1)
    first, second = two_sessions(town, activity, person)
    second.activity.is_confidential = True
    second.activity.save()
    moved(town, first, second.starts_at)
    assert "扫雪" not in newest(person).body
    assert "撞" in newest(person).body


def test_clashes_of_many_cost_the_same_as_of_one(town, activity, django_assert_num_queries):
    people = riders(3)
    first, second = session(activity, maximum=9), session(activity, hours=48.5, maximum=9)
    for person in people:
        for place in (first, second):
            SignUp.objects.create(session=place, user=person, state="confirmed")
    with django_assert_num_queries(1):
        assert set(moves.clashes_of(first)) == {person.pk for person in people}


# --- reminders, leaders, copied weeks -------------------------------------------------------


def test_moved_away_and_back_the_reminder_comes_once_more(town, activity, settings):
    settings.REMINDER_HOURS = 24
    [person] = riders(1)
    place = session(activity, hours=10)
    signups.sign_up(place, by=person)
    now, start = timezone.now(), place.starts_at
    assert reminders.remind(now) == 1
    moved(town, place, start + 100 * HOUR)
    moved(town, place, start)
    assert reminders.remind(now + HOUR) == 1
    assert Notice.objects.filter(recipient=person, kind="volunteers.reminder").count() == 2


def test_the_leader_hears_of_the_new_time(town, activity):
    place = session(activity, leader=town.rider)
    moved(town, place, place.starts_at + HOUR)
    assert newest(town.rider).kind == "volunteers.moved_leader"
    moved(town, place, place.starts_at + 2 * HOUR, by=town.rider)
    assert Notice.objects.filter(recipient=town.rider).count() == 1


def saved(visit, town, place, **changes):
    """The session's page in the admin, sent by staff."""
    client = visit(town.staff)
    assert change(client, at(place), **changes).status_code == 302
    return client.get(at(place)).content.decode()


def test_staff_hear_what_does_not_move_along(town, activity, visit):
    activity.closes_at = timezone.now() + 30 * HOUR
    activity.save()
    place = session(activity)
    for week in (1, 2):
        later = place.copied(activity, timedelta(weeks=week))
        later.save()
    start = timezone.localtime(place.starts_at + HOUR).replace(second=0)
    day, hour = start.strftime("%Y-%m-%d"), start.strftime("%H:%M:%S")
    end = (start + HOUR).strftime("%Y-%m-%d"), (start + HOUR).strftime("%H:%M:%S")
    page = saved(
        visit, town, place, starts_at_0=day, starts_at_1=hour, ends_at_0=end[0], ends_at_1=end[1]
    )
    assert "「报名截止」没有跟着改" in page
    assert "后面 2 周同一时间的场次没有跟着改" in page
    page = saved(visit, town, place, minimum="2")
    assert "没有跟着改" not in page


def test_signing_up_does_not_open_after_every_session(town, activity):
    place = session(activity)
    local = timezone.localtime(place.starts_at + HOUR)
    form = ActivityForm({"opens_at": datetime.strftime(local, "%Y-%m-%d %H:%M")}, instance=activity)
    assert "比所有场次都晚" in str(form.errors["opens_at"])


# --- errands --------------------------------------------------------------------------------


def test_an_errand_does_not_wait_for_a_helper_who_was_replaced(town):
    soon = timezone.now() + HOUR
    one = errand(town, preferred=town.stranger, reserved_until=soon)
    assert one.asks_first(town.rider)
    one.preferred = None
    errands.edit(one, by=town.staff, fields=["preferred"])
    one.refresh_from_db()
    assert one.asks_first(town.rider) is None
