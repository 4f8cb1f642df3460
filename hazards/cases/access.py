"""Who may do what with a case. Scope says who sees it; this says who acts on it."""

from django.db.models import Q

from hazards.cases.models.hazards import Hazard
from hazards.cases.transitions import (
    BY_SLUG,
    CENTRE,
    EXTENSIONS_MAX,
    REPORTER,
    REVIEWER,
    TRANSITIONS,
    WAITS_FOR_CENTRE,
    WAITS_FOR_REVIEWER,
)
from stations.postings.access import scope_of
from stations.postings.models import Posting


def is_reviewer(user, hazard):
    """Grid workers of the case's grid; community staff where no grid or nobody holds it."""
    if not user.is_authenticated:
        return False
    if user.is_superuser:
        return True
    scope = scope_of(user)
    if hazard.grid_id in scope.grids:
        return True
    return hazard.community_id in scope.communities and not _grid_is_held(hazard)


def _grid_is_held(hazard):
    if hazard.grid_id is None:
        return False
    held = Posting.objects.current().filter(grid_id=hazard.grid_id, user__is_active=True)
    return held.exists()


def is_centre(user, hazard):
    """Officers of the subdistrict's governance centre."""
    if not user.is_authenticated:
        return False
    return user.is_superuser or hazard.subdistrict_id in scope_of(user).subdistricts


def sees_as_staff(user, hazard):
    """Whether a post, and not only their own report, shows them the case."""
    return Hazard.objects.in_charge_of(user).filter(pk=hazard.pk).exists()


def is_reporter(user, hazard):
    """The person who reported it with this account."""
    return user.is_authenticated and hazard.reporter_id == user.pk


CAPACITIES = {REPORTER: is_reporter, REVIEWER: is_reviewer, CENTRE: is_centre}


def capacities(user, hazard, *, holds_receipt=False):
    """The set of capacities in which the user meets this case.

    Whoever holds the receipt's private link acts as the reporter: guests have nothing else.
    """
    held = {name for name, test in CAPACITIES.items() if test(user, hazard)}
    return held | ({REPORTER} if holds_receipt else set())


def may(user, hazard, verb, *, holds_receipt=False):
    """Whether the user's capacities allow the verb, whatever the state is now."""
    return bool(
        capacities(user, hazard, holds_receipt=holds_receipt) & set(TRANSITIONS[verb].actors)
    )


def moves_now(hazard, held):
    """The moves that these capacities allow in the present state, in the table's order."""
    return [
        move
        for move in BY_SLUG.values()
        if hazard.state in move.sources
        and held & set(move.actors_from(hazard.state))
        and _makes_sense(move.verb, hazard)
    ]


def _makes_sense(verb, hazard):
    """What the state alone does not say; the workflow checks the same again under the lock."""
    return {
        "secure": hazard.secured_at is None,
        "extend": hazard.extensions < EXTENSIONS_MAX,
        "rate": hazard.rating is None,
        "reopen": hazard.can_reopen_now,
    }.get(verb, True)


def _predicate(verb):
    def can(user, hazard, *, holds_receipt=False):
        return may(user, hazard, verb, holds_receipt=holds_receipt)

    can.__name__ = can.__qualname__ = f"can_{verb}"
    can.__doc__ = f"Whether the user may {verb} this case (DESIGN 6)."
    return can


can_accept = _predicate("accept")
can_ask_info = _predicate("ask_info")
can_supply_info = _predicate("supply_info")
can_reject = _predicate("reject")
can_escalate = _predicate("escalate")
can_dispatch = _predicate("dispatch")
can_fix = _predicate("fix")
can_close = _predicate("close")
can_withdraw = _predicate("withdraw")
can_secure = _predicate("secure")
can_extend = _predicate("extend")
can_suspend = _predicate("suspend")
can_resume = _predicate("resume")
can_return_case = _predicate("return_case")
can_redo = _predicate("redo")
can_merge = _predicate("merge")
can_unmerge = _predicate("unmerge")
can_reopen = _predicate("reopen")
can_rate = _predicate("rate")


def can_create_sighting(user, hazard):
    """Whoever passes by with an account. The reporter reopens and rates; posts have the moves.

    The same rule as "cannot open the case page", asked of the row at hand so that lists can.
    """
    if not user.is_authenticated or user.is_superuser or is_reporter(user, hazard):
        return False
    scope = scope_of(user)
    return not (
        hazard.grid_id in scope.grids
        or hazard.community_id in scope.communities
        or hazard.subdistrict_id in scope.subdistricts
    )


def can_review_queue(user):
    """Who has a queue at all: anybody with a post over grids, a community or a subdistrict."""
    if not user.is_authenticated:
        return False
    scope = scope_of(user)
    return user.is_superuser or bool(scope.grids or scope.communities or scope.subdistricts)


def waiting_for(user):
    """The condition "the next step is this user's", by the capacities above."""
    if user.is_superuser:
        return Q(state__in=WAITS_FOR_REVIEWER + WAITS_FOR_CENTRE)
    scope = scope_of(user)
    waiting = Q(pk__in=[])
    if scope.grids:
        waiting |= Q(state__in=WAITS_FOR_REVIEWER, grid__in=scope.grids)
    if scope.communities:
        held = Posting.objects.current().filter(grid__isnull=False, user__is_active=True)
        unheld = Q(grid__isnull=True) | ~Q(grid__in=held.values("grid"))
        waiting |= Q(state__in=WAITS_FOR_REVIEWER, community__in=scope.communities) & unheld
    if scope.subdistricts:
        waiting |= Q(state__in=WAITS_FOR_CENTRE, subdistrict__in=scope.subdistricts)
    return waiting
