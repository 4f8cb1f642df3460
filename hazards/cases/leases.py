"""我来办: somebody is at a case, and the others leave it to them for a while.

Nobody has to: a lease keeps nobody from acting, it says who is at it. It ends by itself.
"""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from hazards.cases.models.hazards import Hazard
from hazards.cases.transitions import TRANSITIONS
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.locked_transitions import carry_out
from yuanhang.core.models import User

LEASE = timedelta(minutes=30)


def take(hazard: Hazard, *, by: User, role: str = "reviewer") -> Hazard:
    """Be at it for the next 30 minutes; again, and the half-hour begins anew.

    Raises NotAllowedNowError while another person is at it.
    """

    def change(case: Hazard, _state: str) -> None:
        if case.is_taken and case.taken_by_id != by.pk:
            raise NotAllowedNowError(_("%(who)s正在办这一件。") % {"who": case.taken_by})
        case.taken_by, case.taken_until = by, timezone.now() + LEASE

    return _carry_out("take", hazard, by, role, change)


def release(hazard: Hazard, *, by: User, role: str = "reviewer") -> Hazard:
    """Give it back before the half-hour is over.

    Raises NotAllowedNowError for whoever is not at it.
    """

    def change(case: Hazard, _state: str) -> None:
        if not case.is_taken or case.taken_by_id != by.pk:
            raise NotAllowedNowError(_("现在不是你在办。"))
        case.taken_by = case.taken_until = None

    return _carry_out("release", hazard, by, role, change)


def release_all_of(user: User) -> int:
    """Whoever leaves gives back what they were at; returns how many cases."""
    held = Hazard.objects.open().filter(taken_by=user)
    return held.update(taken_by=None, taken_until=None)


def _carry_out(verb, hazard, by, role, change):
    # No step: who was at it for half an hour is no part of the reporter's story.
    return carry_out(TRANSITIONS, hazard, verb, by=by, capacity=role, change=change)
