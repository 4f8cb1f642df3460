"""The one door through which a case changes; `reports` makes one.

Verbs check the transition; whether the caller may make it is asked of `access` beforehand. Each
takes the case, `by` the actor (None for a guest) and `role` the capacity in which they act, and
returns the fresh case. Each raises NotAllowedNowError where the table of `transitions` does not
lead from the present state, or for the reason it names.
"""

from typing import Any, NamedTuple

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hazards.cases import merging, notifications, photo_places
from hazards.cases.attachments import Attachments
from hazards.cases.corrections import reassign, recategorise, reprioritise, restandard
from hazards.cases.endings import end_unrepaired
from hazards.cases.kind_words import says
from hazards.cases.leases import release, take
from hazards.cases.merging import follow, lead, merge, unmerge
from hazards.cases.models.hazards import REOPEN_WITHIN, UNREJECT_WITHIN, Hazard
from hazards.cases.repairs import (
    dispatch,
    escalate,
    extend,
    fix,
    redo,
    resume,
    return_case,
    secure,
    suspend,
)
from hazards.cases.splitting import split
from hazards.cases.states import State
from hazards.cases.steps import Earlier, joined, move
from hazards.cases.unit_deeds import arrive, ask_time, deny_time, refuse
from hazards.catalogue.models import StandardCase
from hazards.deadlines import deadlines
from stations.areas.models import Grid
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.models import User
from yuanhang.core.outbox.models import Notice


def ask_info(
    hazard: Hazard, *, by: User | None, reason: str, role: str = "reviewer", note: str = ""
) -> Hazard:
    """Ask the reporter for what is missing; `reason` is what they read. The clock stands still."""
    return move(
        hazard,
        "ask_info",
        by=by,
        role=role,
        note=joined(reason, note),
        question_reminded_at=None,
        question_expired_at=None,
    )


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
    return move(
        hazard,
        "supply_info",
        by=by,
        role=role,
        note=note,
        attachments=attachments,
        change=_clock_runs_again,
    )


def supplement(
    hazard: Hazard,
    *,
    by: User | None,
    note: str = "",
    place: str = "",
    grid: Grid | None = None,
    photo_place: bool = False,
    attachments: Attachments | None = None,
    role: str = "reporter",
) -> Hazard:
    """The reporter adds words, pictures, a voice note, or the right place, unasked.

    With another `grid` its people are told, and those of the old one hear no more of it. With
    `photo_place` the point that a photo brought along, and that was offered, becomes the case's.
    Raises NotAllowedNowError when nothing is added, or no point is offered any more.
    """
    moved = photo_place or (grid is not None and grid.pk != hazard.grid_id)
    if not (note or attachments or moved or (place and place != hazard.place)):
        raise NotAllowedNowError(_("写一句、拍一张、说一句或改一下地点，不能什么都没有。"))

    def change(case: Hazard, _earlier: Earlier) -> None:
        if place:
            case.place = place
        right = _pointed_grid(case) or grid if photo_place else grid
        if right is not None and right.pk != case.grid_id:
            notifications.close_news(case)
            case.grid, case.community = right, right.community

    told = joined(_("地点改成：%(place)s") % {"place": place}, note) if place else note
    told = joined(_("位置用照片里的"), told) if photo_place else told
    return move(
        hazard,
        "supplement",
        by=by,
        role=role,
        note=told,
        attachments=attachments,
        change=change,
    )


def _pointed_grid(case: Hazard) -> Grid | None:
    """Give the case the point of its reporter's photo; the grid it lies in."""
    found = photo_places.take(case)
    if found is None:
        raise NotAllowedNowError(_("照片里的位置已经不在了，写一下在哪里。"))
    case.latitude, case.longitude = found.latitude, found.longitude
    case.accuracy, case.datum = photo_places.CAMERA_METRES, Hazard.Datum.WGS84
    case.location_source = Hazard.Source.DEVICE
    return Grid.objects.containing(found.latitude, found.longitude)


def stop_asking(
    hazard: Hazard, *, by: User | None = None, note: str = "", role: str = "system"
) -> Hazard:
    """Nobody is left who could answer: the case waits for review as it is."""
    return move(hazard, "stop_asking", by=by, role=role, note=note, change=_clock_runs_again)


def _clock_runs_again(case: Hazard, earlier: Earlier) -> None:
    deadlines.on_answer(case, earlier.since)


def accept(
    hazard: Hazard,
    *,
    by: User | None,
    standard_case: StandardCase | None = None,
    urgency: int,
    note: str = "",
    role: str = "reviewer",
) -> Hazard:
    """Take the case on with its urgency, a thing under a standard case.

    Raises NotAllowedNowError for a thing without one, and, where the reporter was asked for
    something, without a word on how the answer came.
    """

    def change(case: Hazard, earlier: Earlier) -> None:
        if case.standard_case is None and deadlines.has_make_safe(case):
            raise NotAllowedNowError(_("选一条立案标准。"))
        if earlier.state == State.NEEDS_INFO and not note:
            raise NotAllowedNowError(_("还在等上报人补充。已经问到了，写一句是怎么知道的。"))
        deadlines.on_accept(case)

    return move(
        hazard,
        "accept",
        by=by,
        role=role,
        note=note,
        standard_case=standard_case,
        urgency=urgency,
        accepted_at=timezone.now(),
        change=change,
    )


def reject(
    hazard: Hazard,
    *,
    by: User | None,
    reason: str,
    holds_for_place: bool = False,
    note: str = "",
    role: str = "reviewer",
) -> Hazard:
    """Decline the case; the reporter reads why.

    Those who followed it go on without it, unless the reason `holds_for_place`.
    """
    told = joined(reason, note)

    def change(case: Hazard, earlier: Earlier) -> None:
        if earlier.state == State.NEEDS_INFO:
            _clock_runs_again(case, earlier)
        if not holds_for_place:
            why = _("先报的那件没有受理：%(reason)s") % {"reason": told}
            merging.pass_on(case, by=by, note=why)

    return move(hazard, "reject", by=by, role=role, note=told, change=change)


def unreject(hazard: Hazard, *, by: User | None, note: str = "", role: str = "reviewer") -> Hazard:
    """Take a refusal back; the time to acknowledge begins anew.

    Raises NotAllowedNowError later than seven days after the refusal.
    """

    def change(case: Hazard, earlier: Earlier) -> None:
        if timezone.now() - earlier.since > UNREJECT_WITHIN:
            raise NotAllowedNowError(_("不受理超过 7 天了，请重新登记一件。"))
        case.clock_started_at = timezone.now()
        deadlines.recount(case)

    return move(hazard, "unreject", by=by, role=role, note=note, change=change)


def reopen(
    hazard: Hazard,
    *,
    by: User | None,
    reason: str,
    note: str = "",
    attachments: Attachments | None = None,
    role: str = "reporter",
) -> Hazard:
    """Not at an end after all: the same case again, with its history and a fresh clock.

    Raises NotAllowedNowError later than 30 days after its end.
    """

    def change(case: Hazard, _earlier: Earlier) -> None:
        if timezone.now() - case.closed_at > REOPEN_WITHIN:
            raise NotAllowedNowError(_("办结超过 30 天了，请重新报一件。"))
        case.closed_at = case.fixed_at = case.rating = None
        case.end_reason, case.end_words = None, ""
        case.merged.update(rating=None)
        case.organisation, case.outside_number, case.fixed_from = None, "", ""
        case.handover = None
        case.reopened += 1
        deadlines.on_reopen(case)

    return move(
        hazard,
        "reopen",
        by=by,
        role=role,
        note=joined(reason, note),
        attachments=attachments,
        change=change,
    )


def rate(
    hazard: Hazard, *, by: User | None, rating: int, note: str = "", role: str = "reporter"
) -> Hazard:
    """The reporter says how it ended, once; whoever followed another case says it for that one."""

    def change(case: Hazard, _earlier: Earlier) -> None:
        if (case.main or case).state != State.CLOSED:
            raise NotAllowedNowError(_("还没办结，办结以后再评价。"))
        if case.rating is not None:
            raise NotAllowedNowError(_("已经评价过了，谢谢。"))
        case.rating = rating

    return move(hazard, "rate", by=by, role=role, note=note, change=change)


def close(
    hazard: Hazard, *, by: User | None, condition_met: bool, note: str = "", role: str = "reviewer"
) -> Hazard:
    """Close a case whose closing condition was seen to be met.

    Raises NotAllowedNowError for whoever reported it: another pair of eyes closes it.
    """
    if by is not None and by.pk == hazard.reporter_id:
        raise NotAllowedNowError(_("自己报的，请另一位同事核查办结。"))
    if not condition_met:
        raise NotAllowedNowError(says(hazard, "condition_asked"))
    return move(hazard, "close", by=by, role=role, note=note, closed_at=timezone.now())


def withdraw(hazard: Hazard, *, by: User | None, note: str = "", role: str = "reporter") -> Hazard:
    """The reporter takes it back before review; whoever followed it goes on without it."""

    def change(case: Hazard, _earlier: Earlier) -> None:
        merging.pass_on(case, by=by, note=_("先报的那件，上报人自己撤回了。"))

    return move(hazard, "withdraw", by=by, role=role, note=note, change=change)


class Foretold(NamedTuple):
    """What a move would bring: the notice as (title, body), and the case as it would be."""

    notice: tuple[str, str] | None
    case: Hazard


def preview(verb: str, hazard: Hazard, **given: Any) -> Foretold:
    """What the reporter would read if this move were made, and what would be due then.

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
    return Foretold(told, moved)


VERBS = {
    verb.__name__: verb
    for verb in (
        accept,
        ask_info,
        supply_info,
        supplement,
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
        withdraw,
        unreject,
        stop_asking,
        end_unrepaired,
        merge,
        unmerge,
        lead,
        follow,
        reassign,
        recategorise,
        restandard,
        reprioritise,
        split,
        take,
        release,
        arrive,
        refuse,
        ask_time,
        deny_time,
    )
}
