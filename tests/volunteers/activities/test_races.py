"""People at the same instant: real threads, real connections, and 500 through real HTTP.

Each race has a negative control that takes the lock away and shows that the race is there.
"""

import http.client
import io
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import urlencode, urlsplit

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import IntegrityError
from django.utils import timezone

from tests import media
from tests.factories.volunteers import ActivityFactory, riders, session
from tests.threads import PATIENCE, at_once, meet, together, without_row_locks
from volunteers.activities import (
    activities,
    banner,
    calendar_feeds,
    offers,
    pledges,
    reminders,
    signups,
)
from volunteers.activities import activities as acts
from volunteers.activities.models.activities import Activity, ActivityBanner
from volunteers.activities.models.calendar_feeds import CalendarFeed
from volunteers.activities.models.sessions import ActivitySession
from volunteers.activities.models.signups import Pledge, SignUp
from yuanhang.core import audit, files
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.media import photos
from yuanhang.core.models import User
from yuanhang.core.outbox.models import Notice

pytestmark = [
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
    pytest.mark.usefixtures("rows_come_back"),
]
S = SignUp.State


@pytest.fixture
def activity(town):
    return ActivityFactory(community=town.community, organiser=town.staff)


def kinds(results):
    """What came of it: states of sign-ups, names of errors."""
    return sorted(
        str(one.state) if isinstance(one, SignUp) else type(one).__name__ for one in results
    )


def without_the_sessions_lock(monkeypatch):
    """The same reads without FOR UPDATE."""

    def unlocked(session_id):
        return ActivitySession.objects.select_related("activity").get(pk=session_id)

    for module in (offers, signups, acts, reminders):
        monkeypatch.setattr(module, "locked", unlocked)


# --- two for the last place -----------------------------------------------------------------


def two_for_the_last_place(activity, monkeypatch):
    place, (a, b) = session(activity, maximum=1), riders(2)
    meet(monkeypatch, signups, "_placed")
    results = together(lambda: signups.sign_up(place, by=a), lambda: signups.sign_up(place, by=b))
    place.refresh_from_db()
    return kinds(results), place.signups.confirmed().count()


def test_two_for_the_last_place(activity, monkeypatch):
    assert two_for_the_last_place(activity, monkeypatch) == (["confirmed", "waiting"], 1)


def test_without_the_lock_the_last_place_is_given_twice(activity, monkeypatch):
    without_the_sessions_lock(monkeypatch)
    assert two_for_the_last_place(activity, monkeypatch)[1] == 2


# --- one person, two sessions at one time ---------------------------------------------------


def one_person_for_two_sessions(town, monkeypatch):
    def place():
        made = ActivityFactory(community=town.community, organiser=town.staff)
        return session(made, hours=48)

    first, second, rider = place(), place(), riders(1)[0]
    meet(monkeypatch, signups, "clash")
    return kinds(
        together(
            lambda: signups.sign_up(first, by=rider), lambda: signups.sign_up(second, by=rider)
        )
    )


def test_one_person_for_two_sessions_at_one_time(town, monkeypatch):
    assert one_person_for_two_sessions(town, monkeypatch) == ["NotAllowedNowError", "confirmed"]


def test_without_the_persons_lock_both_are_confirmed(town, monkeypatch):
    monkeypatch.setattr(signups, "_hold_people", lambda *users: None)
    assert one_person_for_two_sessions(town, monkeypatch) == ["confirmed", "confirmed"]


def test_one_person_twice_for_one_session(activity, monkeypatch):
    place, rider = session(activity), riders(1)[0]
    results = at_once(lambda: signups.sign_up(place, by=rider), times=4)
    assert kinds(results) == ["confirmed"] * 4
    assert SignUp.objects.count() == 1


def test_without_the_locks_the_constraint_still_refuses_the_second(activity, monkeypatch):
    without_the_sessions_lock(monkeypatch)
    monkeypatch.setattr(signups, "_hold_people", lambda *users: None)
    meet(monkeypatch, signups, "_placed")
    place, rider = session(activity), riders(1)[0]
    results = at_once(lambda: signups.sign_up(place, by=rider))
    assert kinds(results) == ["IntegrityError", "confirmed"]
    assert any(isinstance(result, IntegrityError) for result in results)


# --- an offer is accepted while it lapses ---------------------------------------------------


def accepted_while_it_lapses(activity, monkeypatch):
    """(what the person heard, the states after, how many places are held)."""
    place, (a, b, c) = session(activity, maximum=1), riders(3)
    first, second, _third = [signups.sign_up(place, by=rider) for rider in (a, b, c)]
    signups.leave(first, by=a)
    second.refresh_from_db()
    ends = second.offered_until
    meet(monkeypatch, signups, "settle", after=False)
    monkeypatch.setattr(offers, "settle", signups.settle)
    results = together(
        lambda: signups.accept_offer(second, by=b),
        lambda: offers.lapse_offers(now=ends),
    )
    return results[0], sorted(place.signups.active().values_list("state", flat=True))


def test_an_offer_is_accepted_or_lapses_never_both(activity, monkeypatch):
    heard, states = accepted_while_it_lapses(activity, monkeypatch)
    if isinstance(heard, NotAllowedNowError):
        assert states == ["offered"]  # it went to the third
    else:
        assert heard.state == S.CONFIRMED
        assert states == ["confirmed", "waiting"]


def test_without_the_lock_the_place_is_confirmed_and_offered_again(activity, monkeypatch):
    without_the_sessions_lock(monkeypatch)
    heard, states = accepted_while_it_lapses(activity, monkeypatch)
    # The person was told yes, and the place went on to the third as well.
    assert "offered" in states
    assert not isinstance(heard, NotAllowedNowError)


# --- leaving while somebody signs up --------------------------------------------------------


def left_while_another_signs_up(activity, monkeypatch):
    """Somebody finds no place free; before they are in the line the place is given back."""
    place, (a, b) = session(activity, maximum=1), riders(2)
    first = signups.sign_up(place, by=a)
    looked, left, real = threading.Event(), threading.Event(), signups._placed

    def looking(*args):
        state = real(*args)
        looked.set()
        left.wait(timeout=1)
        return state

    def leave():
        looked.wait(timeout=PATIENCE)
        signups.leave(first, by=a)
        left.set()

    monkeypatch.setattr(signups, "_placed", looking)
    together(leave, lambda: signups.sign_up(place, by=b))
    return place.signups.get(user=b).state


def test_a_place_left_while_another_signs_up_is_offered_to_them(activity, monkeypatch):
    assert left_while_another_signs_up(activity, monkeypatch) == S.OFFERED


def test_without_the_lock_the_place_is_lost(activity, monkeypatch):
    without_the_sessions_lock(monkeypatch)
    assert left_while_another_signs_up(activity, monkeypatch) == S.WAITING
    assert not SignUp.objects.holding().exists()


# --- signing up while it is called off ------------------------------------------------------


def signed_up_while_cancelled(activity, monkeypatch, read):
    """The sign-up waits for the session's lock while staff cancel, then goes on."""
    place, [rider] = session(activity), riders(1)
    monkeypatch.setattr(signups, "locked", read)
    held, real = threading.Event(), acts.notify_signed_up

    def slow(*args, **kwargs):
        held.set()
        time.sleep(0.5)
        return real(*args, **kwargs)

    monkeypatch.setattr(acts, "notify_signed_up", slow)

    def sign_up():
        held.wait(timeout=PATIENCE)
        return signups.sign_up(place, by=rider)

    results = together(
        lambda: activities.cancel(activity, by=activity.organiser, reason="下暴雪"), sign_up
    )
    return kinds(results[1:]), SignUp.objects.active().count()


def test_nobody_gets_into_what_is_being_cancelled(activity, monkeypatch):
    answer = signed_up_while_cancelled(activity, monkeypatch, offers.locked)
    assert answer == (["NotAllowedNowError"], 0)


def test_with_the_activity_read_before_the_wait_somebody_would(activity, monkeypatch):
    def joined(session_id):
        rows = ActivitySession.objects.select_for_update(of=("self",)).select_related("activity")
        return rows.get(pk=session_id)

    answer = signed_up_while_cancelled(activity, monkeypatch, joined)
    assert answer == (["confirmed"], 1)


# --- 500 people, 100 places -----------------------------------------------------------------

PEOPLE, PLACES, AT_ONCE = 500, 100, 24
TOKEN = "a" * 32


def cookies_of(user):
    """A log-in as the log-in page leaves it."""
    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.create()
    name = settings.SESSION_COOKIE_NAME
    return f"{name}={store.session_key}; {settings.CSRF_COOKIE_NAME}={TOKEN}"


def send(server, url, cookies):
    """One form through a connection of its own: the status and where it leads."""
    parts = urlsplit(server)
    link = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)
    try:
        body = urlencode({"seen": "0", "csrfmiddlewaretoken": TOKEN})
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookies}
        link.request("POST", url, body, headers)
        answer = link.getresponse()
        answer.read()
        return answer.status, answer.headers.get("Location", "")
    finally:
        link.close()


def test_500_people_at_once_for_100_places(activity, live_server):
    place = session(activity, maximum=PLACES)
    people = User.objects.bulk_create(
        User(phone=f"1000002{n:04d}", display_name=f"骑手{n}（演示）") for n in range(PEOPLE)
    )
    jars = [cookies_of(user) for user in people]
    url = f"/volunteers/sessions/{place.pk}/sign-up/"
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(lambda jar: send(live_server.url, url, jar), jars))
    assert set(answers) == {(302, place.get_absolute_url())}
    place.refresh_from_db()
    rows = list(place.signups.order_by("queued_at", "pk").with_place_in_line())
    assert [str(row.state) for row in rows] == ["confirmed"] * PLACES + ["waiting"] * 400
    assert {row.user_id for row in rows} == {user.pk for user in people}
    assert [row.ahead for row in rows[PLACES:]] == list(range(400))
    assert len({row.queued_at for row in rows}) == PEOPLE
    assert (place.taken, place.ceiling) == (PLACES, PLACES)
    told = Notice.objects.values_list("kind", flat=True)
    assert sorted(told) == ["volunteers.confirmed"] * PLACES + ["volunteers.waiting"] * 400


def test_a_session_that_begins_while_the_form_is_open_takes_nobody(activity, client):
    place, [rider] = session(activity), riders(1)
    client.force_login(rider)
    ActivitySession.objects.filter(pk=place.pk).update(
        starts_at=timezone.now() - timedelta(seconds=1)
    )
    answer = client.post(f"/volunteers/sessions/{place.pk}/sign-up/", {"seen": "0"})
    assert answer.status_code == 409
    assert "已经开始" in answer.content.decode()
    assert not SignUp.objects.exists()
    assert Activity.objects.get().state == Activity.State.PUBLISHED


# --- two members of staff, one person twice -------------------------------------------------


def two_close_it(activity, monkeypatch):
    meet(monkeypatch, audit, "record", after=False)
    return sorted(
        type(result).__name__
        for result in at_once(lambda: activities.close(activity, by=activity.organiser))
    )


def test_two_members_of_staff_close_it_and_one_is_told(activity, monkeypatch):
    assert two_close_it(activity, monkeypatch) == ["Activity", "NotAllowedNowError"]


def test_without_the_lock_both_would_close_it(activity, monkeypatch):
    without_row_locks(monkeypatch)
    assert two_close_it(activity, monkeypatch) == ["Activity", "Activity"]


def pledged_while_it_finishes(town, monkeypatch):
    """(what the giver heard, whether a pledge came after the end)."""
    trees = ActivityFactory(
        community=town.community, organiser=town.staff, pledge_item="树苗", pledge_target=9
    )
    [rider] = riders(1)
    looked, over, real = threading.Event(), threading.Event(), Pledge.objects.update_or_create
    order = []

    def looking(**options):
        looked.set()
        over.wait(timeout=1)
        order.append("pledge")
        return real(**options)

    def finish():
        looked.wait(timeout=PATIENCE)
        activities.finish(trees, by=town.staff)
        order.append("finish")
        over.set()

    monkeypatch.setattr(Pledge.objects, "update_or_create", looking)
    together(finish, lambda: pledges.pledge(trees, by=rider, quantity=2))
    return order


def test_nothing_is_pledged_after_the_end(town, monkeypatch):
    assert pledged_while_it_finishes(town, monkeypatch) == ["pledge", "finish"]


def test_without_the_lock_a_pledge_comes_after_the_end(town, monkeypatch):
    without_row_locks(monkeypatch)
    assert pledged_while_it_finishes(town, monkeypatch) == ["finish", "pledge"]


def two_pictures(activity, monkeypatch):
    meet(monkeypatch, files, "save_bytes", times=2)
    stored = photos.process(io.BytesIO(media.jpeg(64, 48)))
    results = at_once(lambda: banner.set_banner(activity, stored, by=activity.organiser))
    return sorted(type(result).__name__ for result in results)


def test_two_pictures_at_once_leave_one_and_its_files(activity, monkeypatch, stored_files):
    assert two_pictures(activity, monkeypatch) == ["NoneType", "NoneType"]
    assert ActivityBanner.objects.count() == 1
    assert len(stored_files()) == 2


def test_without_the_lock_one_of_them_breaks(activity, monkeypatch, stored_files):
    without_row_locks(monkeypatch)
    assert two_pictures(activity, monkeypatch) == ["IntegrityError", "NoneType"]
    assert len(stored_files()) == 2  # what the loser wrote is gone again


def two_jobs_remind(activity, monkeypatch):
    monkeypatch.setattr("volunteers.activities.quiet_hours.QUIET", ())
    place = session(activity, hours=5, maximum=3)
    for rider in riders(3):
        signups.sign_up(place, by=rider)
    meet(monkeypatch, reminders, "is_joinable")
    return sorted(at_once(reminders.remind))


def test_two_jobs_remind_once(activity, monkeypatch):
    assert two_jobs_remind(activity, monkeypatch) == [0, 1]
    assert Notice.objects.filter(kind="volunteers.reminder").count() == 3


def test_without_the_lock_both_would_and_the_notices_key_still_refuses(activity, monkeypatch):
    without_the_sessions_lock(monkeypatch)
    assert two_jobs_remind(activity, monkeypatch) == [1, 1]
    assert Notice.objects.filter(kind="volunteers.reminder").count() == 3


def test_two_taps_for_a_calendar_address_make_one(town):
    results = at_once(lambda: calendar_feeds.renew_feed(by=town.rider))
    assert len(results) == 2
    assert not [result for result in results if isinstance(result, Exception)]
    assert CalendarFeed.objects.count() == 1
