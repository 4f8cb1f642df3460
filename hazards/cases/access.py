"""Who may do what with a case. Scope says who sees it; this says who acts on it."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from hazards.cases.models.hazards import DECIDE_AFTER, Hazard
from hazards.cases.states import State
from hazards.cases.transitions import (
    CENTRE,
    EXTENSIONS_MAX,
    REPORTER,
    REVIEWER,
    STAFF,
    TRANSITIONS,
    WAITS_FOR_CENTRE,
    WAITS_FOR_REVIEWER,
)
from hazards.deadlines import deadlines
from stations.postings.access import grid_is_held, grids_held, scope_of, serves_community
from stations.postings.models import Scope
from yuanhang.core.models import User
from yuanhang.core.transitions import Transition


def is_reviewer(user: User, hazard: Hazard) -> bool:
    """Grid workers of the case's grid; community staff where nobody of the grid is there for it."""
    if not user.is_authenticated:
        return False
    if user.is_superuser:
        return True
    scope = scope_of(user)
    if hazard.grid_id in scope.grids:
        return True
    return hazard.community_id in scope.communities and not _is_looked_after(hazard)


def _is_looked_after(hazard: Hazard) -> bool:
    """Whether a present holder of the grid still has time to acknowledge it, or has done so."""
    if hazard.grid_id is None or _is_unacknowledged(hazard):
        return False
    # Nobody checks the repair of their own report.
    if hazard.state == State.FIXED and hazard.reporter_id:
        return grid_is_held(hazard.grid_id, but_by=hazard.reporter_id)
    return grid_has_holder(hazard)


def grid_has_holder(hazard: Hazard) -> bool:
    """Whether somebody present holds the case's grid; asked once a row, or with the rows of a list.

    Lists bring it along (`with_holders`).
    """
    if not hasattr(hazard, "grid_is_held"):
        hazard.grid_is_held = grid_is_held(hazard.grid_id)
    return bool(hazard.grid_is_held)


def _is_unacknowledged(hazard: Hazard) -> bool:
    """Whether the time to acknowledge has passed: whoever stands in need not wait any longer."""
    due = hazard.acknowledge_due_at
    return hazard.state == State.SUBMITTED and due is not None and due <= timezone.now()


def is_centre(user: User, hazard: Hazard) -> bool:
    """Officers of the subdistrict's governance centre."""
    if not user.is_authenticated:
        return False
    return user.is_superuser or hazard.subdistrict_id in scope_of(user).subdistricts


def sees_as_staff(user: User, hazard: Hazard) -> bool:
    """Whether a post, and not only their own report, shows them the case.

    `Hazard.objects.in_charge_of` says the same of many.
    """
    if not user.is_authenticated:
        return False
    places = (hazard.grid_id, hazard.community_id, hazard.subdistrict_id)
    return user.is_superuser or scope_of(user).covers(*places)


def can_open(user: User, hazard: Hazard) -> bool:
    """Whether somebody may open a case; `Hazard.objects.visible_to` says the same of many."""
    return is_reporter(user, hazard) or sees_as_staff(user, hazard)


def can_reveal_reporter(user: User, hazard: Hazard) -> bool:
    """Whoever has the case in charge may have to ring back; on demand, and it is kept who asked."""
    return sees_as_staff(user, hazard)


def can_transcribe(user: User, hazard: Hazard) -> bool:
    """Whoever may act on the case writes down what its voice notes say."""
    return bool(capacities(user, hazard) - {REPORTER})


def is_reporter(user: User, hazard: Hazard) -> bool:
    """The person who reported it with this account."""
    return user.is_authenticated and hazard.reporter_id == user.pk


def is_staff(user: User, hazard: Hazard) -> bool:
    """Staff of the case's community, whoever holds its grid: they put records right."""
    return serves_community(user, hazard.community_id)


CAPACITIES = {REPORTER: is_reporter, REVIEWER: is_reviewer, CENTRE: is_centre, STAFF: is_staff}


def capacities(user: User, hazard: Hazard, *, holds_receipt: bool = False) -> set[str]:
    """The set of capacities in which the user meets this case.

    Whoever holds the receipt's private link acts as the reporter: guests have nothing else.
    """
    held = {name for name, test in CAPACITIES.items() if test(user, hazard)}
    return held | ({REPORTER} if holds_receipt else set())


def can_move(user: User, hazard: Hazard, verb: str, *, holds_receipt: bool = False) -> bool:
    """Whether the user's capacities allow the verb, whatever the state is now."""
    held = capacities(user, hazard, holds_receipt=holds_receipt)
    return bool(held & set(TRANSITIONS[verb].actors))


def acting_as(transition: Transition, state: str, held: set[str]) -> str:
    """In which of the held capacities somebody makes a transition from a state."""
    allowed = (*transition.actors_from(state), *transition.actors)
    return next(actor for actor in allowed if actor in held)


def transitions_now(hazard: Hazard, held: set[str]) -> list[Transition]:
    """The transitions that these capacities allow in the present state, in the table's order."""
    found = [
        transition
        for transition in TRANSITIONS.leading_from(hazard.state)
        if held & set(transition.actors_from(hazard.state))
        and _makes_sense(transition.verb, hazard)
    ]
    if REPORTER in held and hazard.main and hazard.main.can_reopen_now:
        found.append(TRANSITIONS["reopen"])
    return found


def subject_of(hazard: Hazard, verb: str) -> Hazard:
    """The case that a verb is about: whoever followed another one reopens that one."""
    return hazard.main if verb == "reopen" and hazard.main_id else hazard


def _makes_sense(verb: str, hazard: Hazard) -> bool:
    """What the state alone does not say; the verbs check the same again under the lock."""
    is_thing = deadlines.has_make_safe(hazard)
    return {
        "secure": is_thing and hazard.secured_at is None,
        "restandard": is_thing,
        "extend": hazard.extensions < EXTENSIONS_MAX,
        "rate": hazard.rating is None and (hazard.main or hazard).state == State.CLOSED,
        "reopen": hazard.can_reopen_now,
        "unreject": hazard.can_unreject_now,
        "release": hazard.is_taken,
        "ask_time": not hazard.time_asked_until,
        "deny_time": bool(hazard.time_asked_until),
    }.get(verb, True)


def can_create_sighting(user: User, hazard: Hazard) -> bool:
    """Whoever passes by with an account. The reporter reopens and rates; posts have the moves.

    The same rule as "cannot open the case page", asked of the row at hand so that lists can.
    """
    return user.is_authenticated and not can_open(user, hazard)


def can_review_queue(user: User) -> bool:
    """Who has a queue at all: anybody with a post over grids, a community or a subdistrict."""
    if not user.is_authenticated:
        return False
    scope = scope_of(user)
    return user.is_superuser or bool(scope.grids or scope.communities or scope.subdistricts)


@dataclass(frozen=True)
class Clock:
    """The moments that a condition compares with: values, or the marks of a kept question."""

    now: Any
    day: Any
    asked_until: Any  # a question asked before was not answered in time

    @classmethod
    def read(cls) -> "Clock":
        """As it is now."""
        now = timezone.now()
        return cls(now, timezone.localdate(), now - DECIDE_AFTER)


def waiting_for(user: User) -> Q:
    """The condition "the next step is this user's", by the capacities above."""
    return waiting_in(None if user.is_superuser else scope_of(user), Clock.read())


def waiting_in(scope: Scope | None, clock: Clock) -> Q:
    """The same for whoever serves in a scope; None is an administrator, who serves everywhere."""
    reviewers, centre = _waits_for_reviewer(clock), _waits_for_centre(clock)
    if scope is None:
        return reviewers | centre
    waiting = Q(pk__in=[])
    if scope.grids:
        waiting |= reviewers & Q(grid__in=scope.grids)
    if scope.communities:
        unheld = Q(grid__isnull=True) | ~Q(grid__in=grids_held(clock.day))
        unheld |= Q(state=State.SUBMITTED, acknowledge_due_at__lte=clock.now)
        others = grids_held(clock.day).filter(grid=OuterRef("grid"))
        others = others.exclude(user=OuterRef("reporter"))
        unheld |= Q(state=State.FIXED, reporter__isnull=False) & ~Exists(others)
        waiting |= reviewers & Q(community__in=scope.communities) & unheld
    if scope.subdistricts:
        waiting |= centre & Q(subdistrict__in=scope.subdistricts)
    return waiting


def _waits_for_reviewer(clock: Clock) -> Q:
    """Their states, and a question that nobody answered within a week.

    Each state is named once: PostgreSQL takes what is said twice for rarer than it is.
    """
    return Q(state__in=(*WAITS_FOR_REVIEWER, State.NEEDS_INFO)) & (
        ~Q(state=State.NEEDS_INFO) | Q(waiting_since__lte=clock.asked_until)
    )


def _waits_for_centre(clock: Clock) -> Q:
    """Their states, and what was put off until today."""
    return Q(state__in=(*WAITS_FOR_CENTRE, State.SUSPENDED)) & (
        ~Q(state=State.SUSPENDED) | Q(suspended_until__lte=clock.day)
    )
