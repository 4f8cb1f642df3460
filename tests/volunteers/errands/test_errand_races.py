"""Two at the same instant about one errand; each lock with its negative control.

A race and its control are the same story: both meet after they have read and before they write.
With the lock the second one has not read yet, so the first waits in vain for a second and goes
on. Without it both go on with what they read.
"""

import threading
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.threads import Meeting, at_once
from tests.volunteers.errands.test_errands import act, errand, helper
from volunteers.errands import errands
from volunteers.errands.models import Errand, ErrandClaim, ErrandQuerySet
from volunteers.record.models.service_records import ServiceRecord

LATER = timedelta(minutes=31)


@pytest.fixture
def race(transactional_db, town):
    """An errand, for real threads with real commits."""
    return errand(town)


@pytest.fixture
def meet(monkeypatch):
    """`meet(owner, name, before=True)`: the two wait for each other there, each once."""
    meeting, met = Meeting(), threading.local()

    def wait():
        if not getattr(met, "already", False):
            met.already = True
            meeting.wait()

    def at(owner, name, *, before):
        real = getattr(owner, name)

        def together(*arguments, **named):
            if before:
                wait()
            found = real(*arguments, **named)
            if not before:
                wait()
            return found

        monkeypatch.setattr(owner, name, together)

    return at


@pytest.fixture
def unlocked(monkeypatch):
    """No lock, for the controls."""
    monkeypatch.setattr(ErrandQuerySet, "select_for_update", lambda rows, **_how: rows)


@pytest.fixture
def clock(monkeypatch):
    """`clock.ahead`, each thread's own: the job comes after the lease, the helper just before."""
    real, clock = timezone.now, threading.local()
    monkeypatch.setattr(timezone, "now", lambda: real() + getattr(clock, "ahead", timedelta()))
    return clock


def tap(user, made, verb):
    """One tap, as (status, the page's words); logged in before the race."""
    client = Client(raise_request_exception=False)
    client.force_login(user)

    def send():
        answer = act(client, made, verb)
        return answer.status_code, answer.content.decode()

    return send


def both(*acts):
    """What each got, by the order of the acts."""
    waiting, lock, got = list(enumerate(acts)), threading.Lock(), {}

    def run():
        with lock:
            number, chosen = waiting.pop()
        got[number] = chosen()

    assert at_once(run, times=len(acts)) == [None] * len(acts)
    return [got[number] for number in range(len(acts))]


# --- taking it on, twice ----------------------------------------------------------------------


def claim_both(made, town, meet):
    meet(errands, "_refuse_unless_free", before=False)
    return sorted(both(*(tap(helper(town), made, "claim") for _ in range(2))))


def test_of_two_at_once_one_gets_it_and_one_hears_so(race, town, meet):
    (one, _words), (other, words) = claim_both(race, town, meet)
    assert (one, other) == (302, 409)
    assert "已被他人处理，现在是「有人在办」" in words
    assert ErrandClaim.objects.count() == 1


@pytest.mark.usefixtures("unlocked")
def test_without_the_lock_the_second_hears_something_untrue(race, town, meet):
    (one, _words), (other, words) = claim_both(race, town, meet)
    assert (one, other) == (302, 409)
    assert "你手上还有一件" in words


def test_two_errands_at_once_leave_one_in_hand(race, town):
    """Here the constraint decides, for two errands have two locks."""
    rider, other = helper(town), errand(town)
    answers = sorted(both(tap(rider, race, "claim"), tap(rider, other, "claim")))
    assert [status for status, _words in answers] == [302, 409]
    assert "你手上还有一件" in answers[1][1]
    assert ErrandClaim.objects.live().filter(helper=rider).count() == 1
    assert Errand.objects.filter(state=Errand.State.CLAIMED).count() == 1


# --- one more half hour, or done, while the job ends the lease --------------------------------


def job(clock):
    """The job, half an hour later on its own clock; how many leases it ended."""

    def run():
        clock.ahead = LATER
        return errands.expire_leases()

    return run


def against_the_job(made, town, meet, clock, verb):
    """What the helper got, how many leases the job ended, and who was told of that."""
    rider = helper(town)
    errands.claim(made, by=rider)
    meet(errands, "_held", before=False)
    meet(errands, "_end", before=True)
    answer, ended = both(tap(rider, made, verb), job(clock))
    made.refresh_from_db()
    return answer, ended, rider.notices.filter(kind="volunteers.errand_expired").count()


@pytest.mark.parametrize("verb", ["extend-lease", "finish"])
def test_the_helper_is_in_time_or_the_job_is_and_both_know(race, town, meet, clock, verb):
    (status, words), ended, told = against_the_job(race, town, meet, clock, verb)
    claim = ErrandClaim.objects.get()
    if status == 302:
        assert (ended, told) == (0, 0)
        assert race.state == ("claimed" if verb == "extend-lease" else "done")
        assert (claim.is_extended, claim.outcome) == (
            (True, "") if verb == "extend-lease" else (False, "done")
        )
    else:
        assert (status, ended, told) == (409, 1, 1)
        assert "时间到了，任务已经放回去" in words
        assert (race.state, claim.outcome) == ("open", "expired")


@pytest.mark.parametrize("verb", ["extend-lease", "finish"])
@pytest.mark.usefixtures("unlocked")
def test_without_the_lock_the_helper_is_thanked_and_the_job_ends_it(race, town, meet, clock, verb):
    (status, _words), ended, told = against_the_job(race, town, meet, clock, verb)
    assert (status, ended, told) == (302, 1, 1)


# --- taken on while staff call it off ---------------------------------------------------------


def claim_and_cancel(made, town, meet):
    """Status and words of the helper, then of staff; both have read before either writes."""
    rider = helper(town)
    meet(Errand, "save", before=True)
    taken, called_off = both(tap(rider, made, "claim"), tap(town.staff, made, "cancel"))
    made.refresh_from_db()
    return taken, called_off, rider.notices.filter(kind="volunteers.errand_cancelled").count()


def test_called_off_and_taken_on_at_once_nobody_sets_out_for_nothing(race, town, meet):
    (status, words), (staff, _words), told = claim_and_cancel(race, town, meet)
    assert (staff, race.state) == (302, "cancelled")
    assert not ErrandClaim.objects.live().exists()
    if status == 302:
        assert told == 1
        assert ErrandClaim.objects.get().outcome == "cancelled"
    else:
        assert (status, told) == (409, 0)
        assert "已被他人处理，现在是「已取消」" in words


@pytest.mark.usefixtures("unlocked")
def test_without_the_lock_somebody_sets_out_for_nothing(race, town, meet):
    """Or, where staff wrote first and a constraint refused the other, hears something untrue."""
    (status, words), (staff, _more), told = claim_and_cancel(race, town, meet)
    assert (staff, told) == (302, 0)
    if status == 302:
        assert ErrandClaim.objects.live().exists()
    else:
        assert "你手上还有一件" in words


# --- confirmed twice --------------------------------------------------------------------------


def confirm_both(made, town, meet):
    rider = helper(town)
    errands.finish(errands.claim(made, by=rider), by=rider)
    meet(errands, "enter_errand", before=True)
    return sorted(both(tap(town.staff, made, "confirm"), tap(town.admin, made, "confirm")))


def test_confirmed_by_two_at_once_the_minutes_count_once(race, town, meet):
    (one, _words), (other, words) = confirm_both(race, town, meet)
    assert (one, other) == (302, 409)
    assert "已被他人处理，现在是「已确认」" in words
    assert ServiceRecord.objects.count() == 1


@pytest.mark.usefixtures("unlocked")
def test_without_the_lock_both_are_told_it_was_they(race, town, meet):
    """The ledger's own constraint still counts once."""
    assert [status for status, _words in confirm_both(race, town, meet)] == [302, 302]
    assert ServiceRecord.objects.count() == 1


# --- confirmed, and put back ------------------------------------------------------------------


def confirm_and_put_back(made, town, meet):
    rider = helper(town)
    errands.finish(errands.claim(made, by=rider), by=rider)
    meet(errands, "_locked", before=False)
    answers = both(tap(town.staff, made, "confirm"), tap(town.admin, made, "reject-done"))
    made.refresh_from_db()
    return sorted(status for status, _words in answers), made.state, ServiceRecord.objects.count()


def test_what_is_confirmed_is_not_put_back_at_the_same_time(race, town, meet):
    answers, state, counted = confirm_and_put_back(race, town, meet)
    assert answers == [302, 409]
    assert (state, counted) in {("confirmed", 1), ("open", 0)}


@pytest.mark.usefixtures("unlocked")
def test_without_the_lock_it_would_be_both(race, town, meet):
    answers, _state, counted = confirm_and_put_back(race, town, meet)
    assert answers == [302, 302]
    assert counted == 1
