"""The door of slips: made with a dispatch, renewed and stopped by the centre, used by the unit."""

from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from hazards.cases import cases
from hazards.cases.models.hazards import Hazard
from hazards.cases.states import State
from hazards.cases.transitions import CENTRE, UNIT
from hazards.slips.models import Slip
from yuanhang.core import audit
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.locked_transitions import lock_row
from yuanhang.core.models import User

# As long as the case is in one of these the dispatch goes on: put off, or waiting for the check.
ON_THE_WAY = (State.DISPATCHED, State.SUSPENDED, State.FIXED)
# What a foreman may do, in the order of the buttons.
DEEDS = ("arrive", "secure", "fix", "ask_time", "refuse")


def live_slip(hazard: Hazard) -> Slip | None:
    """The slip of the present dispatch, if there is one; one query."""
    return Slip.objects.live().filter(hazard=hazard).select_related("organisation").first()


def follow(hazard: Hazard, verb: str, before: str) -> None:
    """What a move of the case does to its slip, in the same transaction.

    A dispatch makes one, and it ends with the dispatch.
    """
    if verb == "dispatch":
        Slip.objects.create(hazard=hazard, organisation=hazard.organisation)
    elif before in ON_THE_WAY and hazard.state not in ON_THE_WAY:
        Slip.objects.live().filter(hazard=hazard).update(ended_at=timezone.now())


def opens(slip: Slip, code: str) -> bool:
    """Whether these are the six digits of the present round."""
    return constant_time_compare(slip.code, code)


@transaction.atomic
def renew_code(slip: Slip, *, by: User) -> Slip:
    """Another code, for one that too many know; devices that came in by the old one are out.

    Raises NotAllowedNowError for a slip that has ended.
    """
    fresh = _held(slip)
    fresh.code_round += 1
    fresh.save(update_fields=["code_round"])
    audit.record("hazards.renew_slip_code", fresh.hazard, by=by, role=CENTRE)
    return fresh


@transaction.atomic
def stop(slip: Slip, *, by: User) -> None:
    """The link leads nowhere any more; the case stays dispatched.

    Raises NotAllowedNowError for a slip that has ended.
    """
    fresh = _held(slip)
    fresh.ended_at = timezone.now()
    fresh.save(update_fields=["ended_at"])
    audit.record("hazards.stop_slip", fresh.hazard, by=by, role=CENTRE)


def issue(hazard: Hazard, *, by: User) -> Slip:
    """A new link with a new key, where the one before was stopped.

    Raises NotAllowedNowError where one is live, or where the case is with no unit.
    """
    try:
        with transaction.atomic():
            case = lock_row(hazard)
            if case.state not in ON_THE_WAY or not case.organisation_id:
                raise NotAllowedNowError(_("已经不在责任单位手里了。"))
            slip = Slip.objects.create(hazard=case, organisation=case.organisation)
            audit.record("hazards.issue_slip", case, by=by, role=CENTRE)
            return slip
    except IntegrityError as error:
        raise NotAllowedNowError(_("已经有一个能用的链接了。")) from error


@transaction.atomic
def act(slip: Slip, hazard: Hazard, verb: str, **arguments: Any) -> Hazard:
    """One deed of the unit on its case; `arguments` are the verb's own. Returns the fresh case.

    The case is locked first and then looked at whether the slip still holds: a case that was
    dispatched anew in between is another unit's. Raises NotAllowedNowError for a slip that has
    ended, and where the verb does.
    """
    lock_row(hazard)
    _held(slip)
    moved: Hazard = cases.VERBS[verb](hazard, by=None, role=UNIT, **arguments)
    return moved


def _held(slip):
    fresh = Slip.objects.select_for_update(of=("self",)).select_related("hazard").get(pk=slip.pk)
    if fresh.ended_at is not None:
        raise NotAllowedNowError(_("已经停用了，这张接力单不能再用。"))
    return fresh
