"""A random walk through the table, with people who come and go: nobody is left without an end.

Whatever people do in whatever order: an open case waits for somebody, a report that follows
another one follows an open case or one whose end was told, every reporter hears how it ended, and
no end needs a repair that was none.
"""

import random
from datetime import timedelta

import pytest
from django.utils import timezone

from hazards.cases import cases
from hazards.cases.access import waiting_for
from hazards.cases.models.hazards import Hazard
from hazards.cases.states import OPEN_STATES, State
from hazards.cases.transitions import CENTRE, REPORTER, REVIEWER, STAFF, TRANSITIONS
from hazards.catalogue.models import EndReason
from tests.factories.hazards import arguments, report
from tests.factories.workers import UserFactory
from yuanhang.core import people, retention
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.outbox.models import Notice

STEPS = 70
# The steps that tell a reporter how it ended.
ENDS = {
    State.CLOSED: {"close"},
    State.UNREPAIRED: {"end_unrepaired"},
    State.REJECTED: {"reject"},
}


class Walk:
    """A town with reporters, reviewers and a centre, who do whatever the table lets them."""

    def __init__(self, town, seed):
        self.town, self.dice = town, random.Random(seed)
        self.reporters = [UserFactory() for _n in range(3)]
        self.path = []

    def step(self):
        """One report, or one move of a case by somebody who may."""
        if self.dice.random() < 0.03:
            return self.leave()
        if self.dice.random() < 0.03:
            return self.age()
        if Hazard.objects.count() < 3 or self.dice.random() < 0.12:
            by = self.dice.choice([*self.reporters, None])
            self.path.append("report")
            return report(self.town.six, by=by)
        hazard = self.dice.choice(list(Hazard.objects.order_by("pk")))
        capacity = self.dice.choice([REPORTER, REVIEWER, CENTRE, STAFF])
        verbs = [
            verb
            for verb, move in TRANSITIONS.items()
            if move.allows(hazard.state, capacity) and capacity in move.actors
        ]
        if not verbs:
            return None
        return self.move(hazard, self.dice.choice(verbs), capacity)

    def leave(self):
        """A reporter's account is switched off; another person comes in their place."""
        gone = self.dice.choice(self.reporters)
        self.path.append(f"deactivate {gone.pk}")
        people.deactivate(gone, by=self.town.admin)
        self.reporters[self.reporters.index(gone)] = UserFactory()

    def age(self):
        """A month goes by, and the nightly erasure comes."""
        self.path.append("retention")
        Hazard.objects.filter(state=State.REJECTED).update(
            waiting_since=timezone.now() - timedelta(days=31)
        )
        for rule in retention.rules():
            retention.erase(rule)

    def move(self, hazard, verb, capacity):
        """Make the move, or hear why not."""
        by = {
            REPORTER: hazard.reporter,
            REVIEWER: self.town.grid_worker,
            CENTRE: self.town.officer,
            STAFF: self.town.staff,
        }[capacity]
        self.path.append(f"{verb} {hazard.pk} by {capacity}")
        try:
            cases.VERBS[verb](hazard, by=by, role=capacity, **self.given(verb, hazard))
        except NotAllowedNowError as refused:
            self.path.append(f"  refused: {refused.message}")

    def given(self, verb, hazard):
        """What the verb demands; the main case and the reason of an end by chance."""
        if verb == "merge":
            others = Hazard.objects.exclude(pk=hazard.pk).order_by("pk")
            return {"main": self.dice.choice(list(others))}
        if verb == "end_unrepaired":
            reason = self.dice.choice(list(EndReason.objects.filter(asks="words", kind="")))
            gone = EndReason.objects.get(key="gone")
            return {"end_reason": self.dice.choice([reason, gone]), "note": "去看过"}
        if verb == "reject":
            return {"reason": "看过了", "holds_for_place": self.dice.random() < 0.5}
        if verb == "accept":
            return arguments(verb, self.town) | {"note": "知道了"}
        if verb in ("take", "release"):
            return {}
        return arguments(verb, self.town)

    def check(self):
        """What must hold after every step."""
        path = "\n".join(self.path[-25:])
        for case in Hazard.objects.select_related("main", "reporter"):
            if case.state in OPEN_STATES:
                assert self.waits_for_somebody(case), f"{case.pk} waits for nobody\n{path}"
            if case.state == State.MERGED:
                assert case.main.state != State.MERGED, f"{case.pk} ends in a chain\n{path}"
                assert case.main.state != State.WITHDRAWN, f"{case.pk} is stranded\n{path}"
                assert self.hangs_on(case, case.main), f"{case.pk} hangs on nothing\n{path}"
            leading = case.main or case
            if case.reporter and case.reporter.is_active and leading.state in ENDS:
                assert self.heard(case, leading), f"{case.pk} heard no end\n{path}"

    def waits_for_somebody(self, case):
        """In somebody's queue, or with its reporter, or put off until a day."""
        if case.state == State.NEEDS_INFO:
            return case.reporter is None or case.reporter.is_active
        if case.state == State.SUSPENDED:
            return True
        people = (self.town.grid_worker, self.town.officer, self.town.staff)
        people += (self.town.other_grid_worker,)
        return any(
            Hazard.objects.in_charge_of(person).filter(waiting_for(person), pk=case.pk).exists()
            for person in people
        )

    @staticmethod
    def hangs_on(case, main):
        """Whether the links of the chain lead to the main case."""
        seen = set()
        while case.pk != main.pk:
            if case.pk in seen or case.merged_into is None:
                return False
            seen.add(case.pk)
            case = case.merged_into
        return True

    def heard(self, case, leading):
        """Whether its reporter was told how the leading case ended."""
        kinds = {f"hazards.{verb}" for verb in ENDS[State(leading.state)]}
        step = leading.steps.filter(verb__in=ENDS[State(leading.state)]).last()
        key = f"hazard:{case.pk}:{step.pk}"
        told = Notice.objects.filter(recipient=case.reporter, key=key, kind__in=kinds)
        return told.exists() or step.by_id == case.reporter_id or self.joined_later(case, step)

    @staticmethod
    def joined_later(case, step):
        """A report that was merged after that end would have to be open; it never is."""
        return case.steps.filter(verb="merge", pk__gt=step.pk).exists()


@pytest.mark.parametrize("seed", range(4))
def test_nobody_is_left_without_an_end(town, seed):
    walk = Walk(town, seed)
    for _step in range(STEPS):
        walk.step()
        walk.check()
    verbs = {line.split()[0] for line in walk.path}
    assert len(verbs) > 10


def test_a_stranded_follower_is_found(town, monkeypatch):
    """The control: without passing on, the walk finds who is left behind."""
    monkeypatch.setattr("hazards.cases.merging.pass_on", lambda *args, **kwargs: None)
    walk = Walk(town, 0)
    main = report(town.six, by=town.rider)
    cases.merge(report(town.six, by=walk.reporters[0]), by=town.grid_worker, main=main)
    cases.withdraw(main, by=town.rider)
    with pytest.raises(AssertionError, match="stranded"):
        walk.check()


def test_every_open_state_has_an_end_without_a_repair():
    """From each a way of at most three moves leads to an end, and none of them is `fix`."""
    ends = {State.UNREPAIRED, State.REJECTED, State.WITHDRAWN}
    for start in OPEN_STATES:
        reached, frontier = {start}, {start}
        for _move in range(3):
            frontier = {
                target
                for state in frontier
                for verb, move in TRANSITIONS.items()
                if state in move.sources and verb != "fix"
                for target in targets(move, state)
            }
            reached |= frontier
        assert reached & ends, start


def targets(move, state):
    if callable(move.target):
        return {State.ACCEPTED, State.DISPATCHED} if move.verb == "redo" else {State.SUBMITTED}
    return {move.target_from(None, state)}
