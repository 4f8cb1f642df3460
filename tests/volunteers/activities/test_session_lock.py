"""What stands behind a session's lock when somebody signs up: little, as 500 wait there."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories.volunteers import ActivityFactory, riders, session
from volunteers.activities import signups
from volunteers.activities.models.activities import Activity
from volunteers.activities.models.signups import SignUp
from yuanhang.core.models import AuditEvent
from yuanhang.core.outbox.models import Notice

# The session, its activity, the line while there is room, all rows in one, the places.
WITH_ROOM, FULL = 5, 3
LOCK = 'FROM "volunteers_activitysession" WHERE'


@pytest.fixture
def place(town):
    """A session with two places."""
    return session(ActivityFactory(community=town.community, organiser=town.staff), maximum=2)


def under_the_lock(place, person):
    """The statements of a sign-up from the session's lock on."""
    with CaptureQueriesContext(connection) as seen:
        signups.sign_up(place, by=person)
    found = [one["sql"] for one in seen.captured_queries]
    (at,) = [n for n, sql in enumerate(found) if LOCK in sql and "FOR UPDATE" in sql]
    return [sql for sql in found[at:] if "SAVEPOINT" not in sql]


@pytest.mark.django_db
def test_little_is_asked_under_the_lock_and_of_a_full_session_less(place):
    counts = [len(under_the_lock(place, person)) for person in riders(4)]
    assert counts == [WITH_ROOM, WITH_ROOM, FULL, FULL]


@pytest.mark.django_db
def test_what_is_asked_under_the_lock_would_be_seen(place, monkeypatch):
    """The control: the notice is stored by itself, as it was."""
    real = signups._store

    def apart(signup, place, state, news):
        real(signup, place, state, None)
        signups.notify_signup(signup, place, state)

    monkeypatch.setattr(signups, "_store", apart)
    assert len(under_the_lock(place, riders(1)[0])) > WITH_ROOM


@pytest.mark.django_db
def test_rows_told_beforehand_say_what_became_of_it(place):
    for person, state in zip(riders(3), ["confirmed", "confirmed", "waiting"], strict=True):
        made = signups.sign_up(place, by=person)
        stored = SignUp.objects.get(pk=made.pk)
        assert (stored.state, stored.queued_at, stored.made_at) == (
            state,
            made.queued_at,
            made.made_at,
        )
        told = Notice.objects.get(recipient=person)
        assert (told.kind, told.url) == (f"volunteers.{state}", place.told_url())
        assert told.key.startswith(f"signup:{made.pk}:{state}:")
        event = AuditEvent.objects.get(kind="volunteers.sign_up", target_id=made.pk)
        assert (event.actor_id, event.parent_id) == (person.pk, str(place.pk))
        assert event.changes["state"][1] == state
    place.refresh_from_db()
    assert place.taken == 2


@pytest.mark.django_db
def test_who_finds_the_last_place_gone_is_told_so(place, monkeypatch):
    """What was worded for a free place is worded anew where it is none any more."""
    first, second, third = riders(3)
    real, wait = signups.locked, [first, second]

    def others_were_faster(pk):
        for person in [wait.pop() for _ in range(len(wait))]:
            signups.sign_up(place, by=person)
        return real(pk)

    monkeypatch.setattr(signups, "locked", others_were_faster)
    assert signups.sign_up(place, by=third).state == "waiting"
    assert Notice.objects.get(recipient=third).kind == "volunteers.waiting"


@pytest.mark.django_db
def test_a_place_that_moved_meanwhile_stands_in_the_notice(place, monkeypatch):
    real = signups.locked

    def moved(pk):
        Activity.objects.update(place="东门")
        return real(pk)

    monkeypatch.setattr(signups, "locked", moved)
    (person,) = riders(1)
    signups.sign_up(place, by=person)
    assert "东门" in Notice.objects.get(recipient=person).body
