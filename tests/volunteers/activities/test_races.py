"""People at the same instant: real threads, real connections, and 500 through real HTTP.

Each race has a negative control that takes the lock away and shows that the race is there.
"""

import threading

import pytest
from django.db import IntegrityError

from tests.factories.volunteers import ActivityFactory, riders, session
from tests.threads import PATIENCE, at_once, meet, together, wait_for, wait_until_held_up
from tests.volunteers.activities.races_help import without_the_sessions_lock
from volunteers.activities import (
    activities,
    offers,
    signups,
)
from volunteers.activities import activities as acts
from volunteers.activities.models.sessions import ActivitySession
from volunteers.activities.models.signups import SignUp
from yuanhang.core.errors import NotAllowedNowError

pytestmark = [
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
    pytest.mark.usefixtures("rows_come_back"),
]
S = SignUp.State


def kinds(results):
    """What came of it: states of sign-ups, names of errors."""
    return sorted(
        str(one.state) if isinstance(one, SignUp) else type(one).__name__ for one in results
    )


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
    # Unless the second counts after the first has committed: then only the table's own limit
    # stands in the way, and somebody meets an error instead of the line.
    assert two_for_the_last_place(activity, monkeypatch) in (
        (["confirmed", "confirmed"], 2),
        (["IntegrityError", "confirmed"], 1),
    )


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
        wait_for(left)
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
        wait_until_held_up()
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
