"""Two people at the same instant in a team; each lock with its negative control."""

import threading

import pytest
from django.test import Client

from tests.threads import PATIENCE, at_once
from tests.volunteers.teams.teams_help import join, volunteers_team
from volunteers.teams import teams
from volunteers.teams.models import TeamQuerySet


@pytest.fixture
def race(transactional_db, town):
    """The volunteers' team, for real threads with real commits."""
    return volunteers_team(town)


def names(results):
    return sorted(type(result).__name__ for result in results)


def asked_twice(team, user):
    """Two taps on one button: the status of the answers, in order of number."""

    def tap():
        client = Client(raise_request_exception=False)
        client.force_login(user)
        return client.post(team.get_absolute_url(), {"act": "ask"}).status_code

    return sorted(at_once(tap))


def test_two_taps_are_one_request(race, town):
    assert asked_twice(race, town.stranger) == [302, 302]
    assert race.memberships.asked().count() == 1
    assert town.rider.notices.count() == 1


@pytest.mark.logs_errors
def test_without_the_lock_the_second_tap_breaks(race, town, monkeypatch):
    """The control: the constraint still keeps one request, but somebody sees an error page."""
    meet_before_writing(monkeypatch)
    assert asked_twice(race, town.stranger) == [302, 500]
    assert race.memberships.asked().count() == 1


def meet_before_writing(monkeypatch):
    """No lock, and both have found no earlier request before either writes one."""
    both_read, real = threading.Barrier(2), teams._own
    monkeypatch.setattr(TeamQuerySet, "select_for_update", lambda rows, **_how: rows)
    monkeypatch.setattr(teams.people, "hold", lambda user: user)

    def together(team, user):
        found = real(team, user)
        both_read.wait(timeout=PATIENCE)
        return found

    monkeypatch.setattr(teams, "_own", together)


def answered_at_once(team, by):
    """A yes and a no to one request at the same instant."""
    pk = team.memberships.asked().get().pk
    answers = iter([True, False])

    def answer():
        teams.answer_asker(team, pk, by=by, is_accepted=next(answers))
        return "done"

    return at_once(answer)


def test_two_answers_at_once_are_one_answer_and_one_word(race, town):
    teams.ask_to_join(race, by=town.stranger)
    assert names(answered_at_once(race, town.rider)) == ["NotAllowedNowError", "str"]
    assert town.stranger.notices.count() == 1


def test_without_the_lock_both_answers_are_told(race, town, monkeypatch):
    """The control: the person hears yes and no."""
    teams.ask_to_join(race, by=town.stranger)
    meet_before_answering(monkeypatch)
    assert names(answered_at_once(race, town.rider)) == ["str", "str"]
    assert town.stranger.notices.count() == 2


def meet_before_answering(monkeypatch):
    """No lock, and both have found the open request before either ends it."""
    both_read, real = threading.Barrier(2), teams._notify
    monkeypatch.setattr(TeamQuerySet, "select_for_update", lambda rows, **_how: rows)

    def together(*arguments):
        both_read.wait(timeout=PATIENCE)
        return real(*arguments)

    monkeypatch.setattr(teams, "_notify", together)


def crossed(team, leader, member):
    """The leader hands over while the member chosen leaves; what each got."""
    acts = iter(
        [
            lambda: teams.hand_over(team, member.pk, by=leader),
            lambda: teams.leave(team, by=member.user),
        ]
    )
    lock = threading.Lock()

    def act():
        with lock:
            chosen = next(acts)
        chosen()
        return "done"

    return at_once(act)


def test_a_team_keeps_its_leader_when_the_chosen_one_leaves_at_once(race, town):
    member = join(race, town.stranger)
    crossed(race, town.rider, member)
    assert race.memberships.current().filter(is_leader=True).count() == 1


def test_without_the_lock_the_team_loses_its_leader(race, town, monkeypatch):
    """The control: the leader gave it to somebody who is gone, or was refused for no reason."""
    member = join(race, town.stranger)
    meet_before_answering(monkeypatch)
    # Handing over writes before it is written down, leaving afterwards: the leaver goes last.
    results = crossed(race, town.rider, member)
    assert "done" in results
    assert teams._leader(race) is None
