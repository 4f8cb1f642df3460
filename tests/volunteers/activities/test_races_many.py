"""Five hundred people for a hundred places, and staff at once."""

import http.client
import io
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import urlencode, urlsplit

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from tests import media
from tests.factories.volunteers import ActivityFactory, riders, session
from tests.threads import PATIENCE, at_once, meet, together, wait_for, without_row_locks
from tests.volunteers.activities.races_help import without_the_sessions_lock
from volunteers.activities import (
    activities,
    banner,
    calendar_feeds,
    pledges,
    reminders,
    signups,
)
from volunteers.activities.models.activities import Activity, ActivityBanner
from volunteers.activities.models.calendar_feeds import CalendarFeed
from volunteers.activities.models.sessions import ActivitySession
from volunteers.activities.models.signups import Pledge, SignUp
from yuanhang.core import files, locked_transitions
from yuanhang.core.media import photos
from yuanhang.core.models import User
from yuanhang.core.outbox.models import Notice

pytestmark = [
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
    pytest.mark.usefixtures("rows_come_back"),
]


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
    meet(monkeypatch, locked_transitions, "check")  # nobody has written anything yet
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
        wait_for(over)
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
    monkeypatch.setattr("yuanhang.core.quiet_hours.QUIET", ())
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
