"""From acceptance to the check: handing up, sending out, making safe, repairing, more time.

Arguments and refusals are as in `hazards.cases.cases`.
"""

from datetime import date

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hazards.cases import handover_sheet
from hazards.cases.attachments import Attachments
from hazards.cases.models.hazards import Hazard
from hazards.cases.states import State
from hazards.cases.steps import Earlier, joined, move
from hazards.cases.transitions import EXTENSIONS_MAX
from hazards.deadlines import deadlines
from stations.postings.models import Organisation
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.models import User


def escalate(hazard: Hazard, *, by: User | None, note: str = "", role: str = "reviewer") -> Hazard:
    """Hand the case up to the subdistrict's governance centre; the hand-over sheet is frozen."""

    def change(case: Hazard, _earlier: Earlier) -> None:
        case.handover = handover_sheet.freeze(case, note)

    return move(hazard, "escalate", by=by, role=role, note=note, change=change)


def dispatch(
    hazard: Hazard,
    *,
    by: User | None,
    organisation: Organisation,
    outside_number: str = "",
    note: str = "",
    role: str = "centre",
) -> Hazard:
    """Send the case to the organisation that repairs, with the number it runs under there."""
    return move(
        hazard,
        "dispatch",
        by=by,
        role=role,
        note=note,
        organisation=organisation,
        outside_number=outside_number,
    )


def fix(
    hazard: Hazard,
    *,
    by: User | None,
    note: str = "",
    attachments: Attachments | None = None,
    role: str = "reviewer",
) -> Hazard:
    """Say that it is repaired; a photo is welcome and never demanded."""
    return move(
        hazard,
        "fix",
        by=by,
        role=role,
        note=note,
        attachments=attachments,
        is_repair=True,
        fixed_at=timezone.now(),
        change=_remember_fix,
    )


def _remember_fix(case: Hazard, earlier: Earlier) -> None:
    case.fixed_from = earlier.state


def redo(
    hazard: Hazard,
    *,
    by: User | None,
    reason: str,
    note: str = "",
    attachments: Attachments | None = None,
    role: str = "reviewer",
) -> Hazard:
    """The repair did not hold: back to whoever said it was done, with the time the check took."""

    def change(case: Hazard, earlier: Earlier) -> None:
        # Both clocks stood still while it waited to be looked at.
        deadlines.on_resume(case, earlier.since)
        case.fixed_at = None

    return move(
        hazard,
        "redo",
        by=by,
        role=role,
        note=joined(reason, note),
        attachments=attachments,
        change=change,
    )


def secure(
    hazard: Hazard,
    *,
    by: User | None,
    note: str = "",
    attachments: Attachments | None = None,
    role: str = "reviewer",
) -> Hazard:
    """The place is made safe (围护/警示): the first of the two deadlines, kept in any open state.

    Raises NotAllowedNowError when somebody was there before.
    """

    def change(case: Hazard, _earlier: Earlier) -> None:
        if not deadlines.has_make_safe(case):
            raise NotAllowedNowError(_("这一类没有围护这一步。"))
        if case.secured_at:
            raise NotAllowedNowError(_("已被他人处理，现场已经围护过了。"))
        case.secured_at = timezone.now()
        # The next deadline gets its own warning.
        case.soon_told_at = case.overdue_told_at = None

    return move(
        hazard, "secure", by=by, role=role, note=note, attachments=attachments, change=change
    )


def extend(
    hazard: Hazard, *, by: User | None, reason: str, note: str = "", role: str = "centre"
) -> Hazard:
    """The standard's limit once more, twice at most; the reporter reads why."""

    def change(case: Hazard, _earlier: Earlier) -> None:
        if case.extensions >= EXTENSIONS_MAX:
            raise NotAllowedNowError(_("已经延期两次，不能再延。"))
        deadlines.on_extend(case)
        # The answer to the unit, if it asked for time.
        case.time_asked_until = None

    return move(hazard, "extend", by=by, role=role, note=joined(reason, note), change=change)


def suspend(
    hazard: Hazard,
    *,
    by: User | None,
    reason: str,
    until: date,
    note: str = "",
    role: str = "centre",
) -> Hazard:
    """Stop the clock until a date, for something that nobody can do now."""
    if until <= timezone.localdate():
        raise NotAllowedNowError(_("挂起到哪天，要选今天以后的日子。"))
    return move(
        hazard,
        "suspend",
        by=by,
        role=role,
        note=joined(reason, note),
        suspended_at=timezone.now(),
        suspended_until=until,
        # Told of anew when the day has come.
        soon_told_at=None,
    )


def resume(hazard: Hazard, *, by: User | None, note: str = "", role: str = "centre") -> Hazard:
    """The clock runs again with what was left when it stopped."""

    def change(case: Hazard, _earlier: Earlier) -> None:
        deadlines.on_resume(case, case.suspended_at)
        case.suspended_at = case.suspended_until = None

    return move(hazard, "resume", by=by, role=role, note=note, change=change)


def return_case(
    hazard: Hazard, *, by: User | None, reason: str, note: str = "", role: str = "centre"
) -> Hazard:
    """One step back, with the reason, and with the time it lay here."""

    def change(case: Hazard, earlier: Earlier) -> None:
        deadlines.on_return(case, earlier.since)
        if earlier.state == State.DISPATCHED:
            case.organisation, case.outside_number = None, ""

    return move(hazard, "return_case", by=by, role=role, note=joined(reason, note), change=change)
