"""How long a place is held, and quiet hours."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from tests.factories.volunteers import riders, session
from tests.volunteers.activities.signups_help import noon_free, states
from volunteers.activities import (
    offers,
    quiet_hours,
    signups,
)
from yuanhang.core.outbox.models import Notice


@pytest.fixture(autouse=True)
def _no_quiet_hours(monkeypatch, request):
    if "quiet" not in request.node.name:
        noon_free(monkeypatch)


# --- how long a place is held, and quiet hours ------------------------------------------------


def at(day, hour, minute=0):
    """A local moment of November 2026."""
    zone = timezone.get_current_timezone()
    return datetime(2026, 11, day, hour, minute, tzinfo=zone)


@pytest.mark.parametrize(
    ("moment", "starts", "told", "until"),
    [
        # Four days ahead: a whole day, of which the quiet hours do not count.
        # 10:00–11:00 is 1 h, 13:30–17:00 3.5 h, 20:00–22:00 2 h, so 6.5 h; next day 7:00–11:00
        # 4 h (10.5), 13:30–17:00 (14), 20:00–22:00 (16); 26th 7:00–11:00 (20), 13:30–17:00
        # (23.5), and half an hour after 20:00.
        (at(24, 10), at(28, 10), at(24, 10), at(26, 20, 30)),
        # Told at the end of the meal peak: 13:30, 26.5 hours before the start: a quarter is
        # 6 h 37.5 min: 3.5 h until 17:00, 2 h until 22:00, the rest from 7:00 on.
        (at(24, 12), at(25, 16), at(24, 13, 30), at(25, 8, 7) + timedelta(seconds=30)),
        # At night: told at seven.
        (at(24, 23), at(25, 15), at(25, 7), at(25, 9)),
        (at(25, 2), at(25, 15), at(25, 7), at(25, 9)),
        # Two hours ahead: at once, though it is noon, and half an hour to answer.
        (at(24, 12), at(24, 14), at(24, 12), at(24, 12, 30)),
        # Ten minutes ahead: the start ends it.
        (at(24, 15), at(24, 15, 10), at(24, 15), at(24, 15, 10)),
    ],
)
def test_quiet_hours_and_hold(moment, starts, told, until):
    assert quiet_hours.tell_at(moment, starts) == told
    assert quiet_hours.held_until(moment, starts) == until


def test_quiet_hours_put_the_telling_off_and_hold_the_place(activity, monkeypatch):
    place = session(activity, hours=48, maximum=1)
    first, second = [signups.sign_up(place, by=rider) for rider in riders(2)]
    later = timezone.now() + timedelta(hours=1)
    monkeypatch.setattr(quiet_hours, "tell_at", lambda moment, starts: later)
    signups.leave(first, by=first.user)
    assert states(place) == ["offered"]
    told = Notice.objects.filter(recipient=second.user, kind="volunteers.offered")
    assert not told.exists()
    assert offers.notify_offers() == 0
    assert offers.notify_offers(now=later) == 1
    assert offers.notify_offers(now=later) == 0
    assert told.count() == 1


def test_the_count_is_what_the_rows_say(activity):
    place = session(activity, maximum=3)
    for rider in riders(5):
        signups.sign_up(place, by=rider)
    for signup in list(place.signups.active())[::2]:
        signups.leave(signup, by=signup.user)
    place.refresh_from_db()
    assert place.taken == place.signups.holding().count()
    assert offers.units(place) == []
