"""What the unit that a case was dispatched to says of it, and the centre's answer.

The foreman has no account: `by` is nobody, and the step names the unit. Whether the slip still
holds is judged above, under the case's lock. 围好了 and 修好了 are the verbs of `repairs`.
"""

from datetime import date

from django.utils.translation import gettext as _

from hazards.cases.models.hazards import Hazard
from hazards.cases.steps import Earlier, joined, move
from hazards.cases.transitions import UNIT
from hazards.deadlines import deadlines
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.models import User
from yuanhang.core.words import full_day


def arrive(hazard: Hazard, *, by: User | None, note: str = "", role: str = UNIT) -> Hazard:
    """The unit is at the place; once for each time the case is in its hands.

    Raises NotAllowedNowError when that was said before.
    """

    def change(case: Hazard, earlier: Earlier) -> None:
        if case.steps.filter(verb="arrive", at__gte=earlier.since).exists():
            raise NotAllowedNowError(_("已经记下到场了。"))

    return move(hazard, "arrive", by=by, role=role, note=note, change=change)


def refuse(
    hazard: Hazard, *, by: User | None, reason: str, whose: str = "", role: str = UNIT
) -> Hazard:
    """不归我们: back to the centre with the reason and whose it is, and with the time it lay
    there."""

    def change(case: Hazard, earlier: Earlier) -> None:
        deadlines.on_return(case, earlier.since)
        case.organisation, case.outside_number = None, ""

    belongs = _("归%(whose)s管。") % {"whose": whose} if whose else ""
    return move(hazard, "refuse", by=by, role=role, note=joined(reason, belongs), change=change)


def ask_time(
    hazard: Hazard, *, by: User | None, reason: str, until: date, role: str = UNIT
) -> Hazard:
    """要延期: a request; no due time moves before the centre agrees (`repairs.extend`).

    Raises NotAllowedNowError while an earlier one waits for its answer.
    """

    def change(case: Hazard, _earlier: Earlier) -> None:
        if case.time_asked_until:
            raise NotAllowedNowError(_("已经提过延期，等街道答复。"))
        case.time_asked_until = until

    wanted = _("想延到 %(day)s。") % {"day": full_day(until)}
    note = joined(wanted, reason)
    return move(hazard, "ask_time", by=by, role=role, note=note, change=change)


def deny_time(
    hazard: Hazard, *, by: User | None, reason: str, note: str = "", role: str = "centre"
) -> Hazard:
    """The centre does not agree to the unit's request; the due time stays as it was.

    Raises NotAllowedNowError where nothing is asked.
    """

    def change(case: Hazard, _earlier: Earlier) -> None:
        if not case.time_asked_until:
            raise NotAllowedNowError(_("已经没有要答复的延期。"))
        case.time_asked_until = None

    return move(hazard, "deny_time", by=by, role=role, note=joined(reason, note), change=change)
