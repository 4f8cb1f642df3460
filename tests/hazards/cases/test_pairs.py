"""Two people at once on one case, in every pair of verbs: real threads, real transactions.

Generated from the table: for each state, each two moves that both start there.
"""

import itertools
import threading

import pytest

from hazards.cases import cases
from hazards.cases.cases import VERBS
from hazards.cases.models.hazards import HazardQuerySet
from hazards.cases.states import State
from hazards.cases.transitions import SYSTEM, TRANSITIONS
from tests.factories.hazards import arguments, into, ready_for, report
from tests.threads import PATIENCE, at_once
from yuanhang.core.errors import NotAllowedNowError

pytestmark = pytest.mark.django_db(transaction=True)


def starting_from(state):
    """The moves that people make from a state and that leave a step."""
    silent = {"take", "release"} | ({"rate"} if state == State.MERGED else set())
    return sorted(
        verb
        for verb, move in TRANSITIONS.items()
        if state in move.sources and move.actors != (SYSTEM,) and verb not in silent
    )


def press(hazard, verb, by, given):
    """What one person hears: the new state, or the refusal."""
    role = TRANSITIONS[verb].actors_from(hazard.state)[0]
    try:
        return VERBS[verb](hazard, by=by, role=role, **given).state
    except NotAllowedNowError as refused:
        return refused.message


def both(town, state, *pair):
    """Let two verbs meet on a fresh case of the state; returns the answers and the case."""
    hazard = into(report(town.six, by=town.rider), state, town)
    if "deny_time" in pair:
        hazard = ready_for("deny_time", hazard, town)
    told = {"note": "打电话问到了"} if state == State.NEEDS_INFO else {}
    given = [(verb, (told if verb == "accept" else {}) | arguments(verb, town)) for verb in pair]
    start, waiting = threading.Barrier(2), iter(given)

    def act():
        verb, values = next(waiting)
        start.wait(timeout=PATIENCE)
        return verb, press(hazard, verb, town.grid_worker, values)

    answers = at_once(act)
    hazard.refresh_from_db()
    return answers, hazard


@pytest.mark.parametrize("state", [s for s in State if len(starting_from(s)) > 0])
def test_every_pair_gives_a_success_and_a_clear_word_never_an_error(town, state):
    for one, other in itertools.combinations_with_replacement(starting_from(state), 2):
        answers, hazard = both(town, state, one, other)
        done = [verb for verb, answer in answers if answer in State.values]
        refused = [answer for _verb, answer in answers if answer not in State.values]
        assert done, (one, other, answers)
        assert all(
            word.startswith(("已被他人处理", "已经", "那一件", "还在等上报人")) for word in refused
        ), (
            one,
            other,
            refused,
        )
        # Whoever succeeded stands in the timeline, once; whoever was refused does not.
        verbs = list(hazard.steps.values_list("verb", flat=True))
        assert sorted(verbs[-len(done) :]) == sorted(done), (one, other)
        if len(done) == 2:
            # Both may succeed only one after the other: the second from where the first led.
            first, second = verbs[-2:]
            led = hazard.steps.order_by("-id")[1].state
            assert led in TRANSITIONS[second].sources, (first, second)


def test_without_the_row_lock_two_accept_at_once(town, monkeypatch):
    """The negative control: the lock is what makes the second one wait and see."""
    meet = threading.Barrier(2)

    def unlocked(self, *args, **kwargs):
        rows = self.all()
        list(rows)
        meet.wait(timeout=PATIENCE)
        return rows

    monkeypatch.setattr(HazardQuerySet, "select_for_update", unlocked)
    hazard = report(town.six)
    given = arguments("accept", town)
    at_once(lambda: cases.accept(hazard, by=town.grid_worker, **given))
    assert hazard.steps.filter(verb="accept").count() == 2
