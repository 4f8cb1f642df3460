"""The one door through which a case changes; `reports` makes one.

Verbs check the transition; whether the caller may make it is asked of `access` beforehand. Each
takes the case, `by` the actor (None for a guest) and `role` the capacity in which they act, and
returns the fresh case. Each raises NotAllowedNowError where the table of `transitions` does not
lead from the present state, or for the reason it names.
"""

from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hazards.cases import handover_sheet
from hazards.cases.attachments import Attachments
from hazards.cases.models.hazards import Hazard
from hazards.cases.states import State
from hazards.cases.steps import Earlier, move
from hazards.cases.transitions import EXTENSIONS_MAX
from hazards.catalogue.models import StandardCase
from hazards.deadlines import deadlines
from stations.postings.models import Organisation
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.models import User
from yuanhang.core.outbox.models import Notice


def ask_info(
    hazard: Hazard, *, by: User | None, reason: str, role: str = "reviewer", note: str = ""
) -> Hazard:
    """Ask the reporter for what is missing; `reason` is what they read."""
    return move(hazard, "ask_info", by=by, role=role, note=_joined(reason, note))


def supply_info(
    hazard: Hazard,
    *,
    by: User | None,
    note: str = "",
    attachments: Attachments | None = None,
    role: str = "reporter",
) -> Hazard:
    """The reporter answers, with words, photos or a voice note; the case waits for review again."""
    if not note and not attachments:
        raise NotAllowedNowError(_("写一句、拍一张或说一句都行，不能是空的。"))
    return move(hazard, "supply_info", by=by, role=role, note=note, attachments=attachments)


def accept(
    hazard: Hazard,
    *,
    by: User | None,
    standard_case: StandardCase,
    urgency: int,
    note: str = "",
    role: str = "reviewer",
) -> Hazard:
    """Take the case on under a standard case, with its urgency."""
    return move(
        hazard,
        "accept",
        by=by,
        role=role,
        note=note,
        standard_case=standard_case,
        urgency=urgency,
        accepted_at=timezone.now(),
        change=lambda case, _earlier: deadlines.on_accept(case),
    )


def reject(
    hazard: Hazard, *, by: User | None, reason: str, note: str = "", role: str = "reviewer"
) -> Hazard:
    """Decline the case; the reporter reads why."""
    return move(hazard, "reject", by=by, role=role, note=_joined(reason, note))


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
        note=_joined(reason, note),
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

    return move(hazard, "extend", by=by, role=role, note=_joined(reason, note), change=change)


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
        note=_joined(reason, note),
        suspended_at=timezone.now(),
        suspended_until=until,
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

    return move(hazard, "return_case", by=by, role=role, note=_joined(reason, note), change=change)


def reopen(
    hazard: Hazard,
    *,
    by: User | None,
    reason: str,
    note: str = "",
    attachments: Attachments | None = None,
    role: str = "reporter",
) -> Hazard:
    """Not fixed after all: the same case again, with its history and a fresh clock.

    Raises NotAllowedNowError later than 30 days after closing.
    """

    def change(case: Hazard, _earlier: Earlier) -> None:
        if not case.can_reopen_now:
            raise NotAllowedNowError(_("办结超过 30 天了，请重新报一件。"))
        case.closed_at = case.fixed_at = case.rating = None
        case.organisation, case.outside_number, case.fixed_from = None, "", ""
        case.handover = None
        case.reopened += 1
        deadlines.on_reopen(case)

    return move(
        hazard,
        "reopen",
        by=by,
        role=role,
        note=_joined(reason, note),
        attachments=attachments,
        change=change,
    )


def rate(
    hazard: Hazard, *, by: User | None, rating: int, note: str = "", role: str = "reporter"
) -> Hazard:
    """The reporter says how it ended, once."""

    def change(case: Hazard, _earlier: Earlier) -> None:
        if case.rating is not None:
            raise NotAllowedNowError(_("已经评价过了，谢谢。"))
        case.rating = rating

    return move(hazard, "rate", by=by, role=role, note=note, change=change)


def merge(
    hazard: Hazard, *, by: User | None, main: Hazard, note: str = "", role: str = "reviewer"
) -> Hazard:
    """Two reports of one place become one case; this one's reporter follows the main one.

    Whoever followed this one follows the main one, too. Raises NotAllowedNowError when the main
    case is this one, is over, or follows another itself.
    """

    def change(case: Hazard, earlier: Earlier) -> None:
        target = Hazard.objects.select_for_update().get(pk=main.pk)
        if target.pk == case.pk or not target.is_open:
            raise NotAllowedNowError(_("那一件已经办完或并到别处了，换一件。"))
        case.merged_from, case.main = earlier.state, target
        Hazard.objects.filter(main=case).update(main=target)

    with transaction.atomic():
        # Both rows, always in the same order: two merges towards each other must not deadlock.
        both = Hazard.objects.filter(pk__in=[hazard.pk, main.pk])
        list(both.select_for_update().order_by("pk").values_list("pk"))
        return move(hazard, "merge", by=by, role=role, note=note, change=change)


def unmerge(hazard: Hazard, *, by: User | None, note: str = "", role: str = "reviewer") -> Hazard:
    """It was another place after all: the case goes on from where it was."""

    def change(case: Hazard, _earlier: Earlier) -> None:
        case.main, case.merged_from = None, ""

    return move(hazard, "unmerge", by=by, role=role, note=note, change=change)


def close(
    hazard: Hazard, *, by: User | None, condition_met: bool, note: str = "", role: str = "reviewer"
) -> Hazard:
    """Close a case whose closing condition was seen to be met."""
    if not condition_met:
        raise NotAllowedNowError(_("先确认结案条件已经达到，再办结。"))
    return move(hazard, "close", by=by, role=role, note=note, closed_at=timezone.now())


def withdraw(hazard: Hazard, *, by: User | None, note: str = "", role: str = "reporter") -> Hazard:
    """The reporter takes it back before review."""
    return move(hazard, "withdraw", by=by, role=role, note=note)


def _joined(reason: str, note: str) -> str:
    return f"{reason}\n{note}" if note else reason


def preview(verb: str, hazard: Hazard, **given: Any) -> tuple[str, str] | None:
    """What the reporter would read if this move were made: (title, body), or None.

    The move is really made and rolled back, so the words are exactly those. Files stay out of it.
    Raises NotAllowedNowError as the verb does.
    """
    given.pop("attachments", None)
    with transaction.atomic():
        moved = VERBS[verb](hazard, **given)
        key = f"hazard:{moved.pk}:{moved.steps.last().pk}"
        notices = Notice.objects.filter(key=key, kind=f"hazards.{verb}")
        told = notices.values_list("title", "body").first()
        transaction.set_rollback(True)
    return told


VERBS = {
    verb.__name__: verb
    for verb in (
        accept,
        ask_info,
        supply_info,
        reject,
        escalate,
        dispatch,
        extend,
        suspend,
        resume,
        return_case,
        secure,
        fix,
        redo,
        close,
        reopen,
        rate,
        merge,
        unmerge,
        withdraw,
    )
}
