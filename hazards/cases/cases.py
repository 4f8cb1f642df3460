"""The one door through which a case changes. Every verb: one transaction, the row locked, the
table checked, a step for the timeline, an audit event, and notices to those concerned.

Verbs check the move; whether the caller may make it is asked of `access` beforehand.
"""

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hazards.cases import handover_sheet, notifications
from hazards.cases.attachments import Attachments, attach
from hazards.cases.models.hazards import Hazard
from hazards.cases.models.numbers import NumberCounter
from hazards.cases.models.steps import Step
from hazards.cases.states import State
from hazards.cases.transitions import EXTENSIONS_MAX, TRANSITIONS
from hazards.deadlines import deadlines
from stations.areas.models import Community
from yuanhang.core import audit, files
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.outbox.models import Notice


def submit(
    *,
    by,
    submission_key,
    category,
    description="",
    place="",
    grid=None,
    community=None,
    point=None,
    source=Hazard.Source.NONE,
    attachments=None,
    contact_name="",
    contact_phone="",
    shares_contact=False,
    entered_by=None,
    same_as=None,
):
    """Make a case, exactly once per `submission_key`; returns `(hazard, is_new)`.

    `by` is the reporter or None for a guest; `point` a `geo.Point` (WGS-84) or None; `grid`
    decides the community, else `community` does, else the home community takes it. `entered_by`
    is the member of staff who wrote it down for the reporter (代录). `same_as` is the case that the
    reporter says this is: they follow it from the first moment, unless it is over by now.
    Raises NotAllowedNowError when the key belongs to another account's report.
    """
    existing = _sent_before(submission_key, by)
    if existing:
        return existing, False
    now = timezone.now()
    community = grid.community if grid else community or Community.objects.home()
    if community is None:
        raise NotAllowedNowError(_("还没有设置社区，请联系管理员。"))
    hazard = Hazard(
        submission_key=submission_key,
        subdistrict_id=community.subdistrict_id,
        community=community,
        grid=grid,
        category=category,
        urgency=category.urgency,
        description=description,
        place=place,
        latitude=point.latitude if point else None,
        longitude=point.longitude if point else None,
        accuracy=point.accuracy if point else None,
        datum=point.datum if point else Hazard.Datum.WGS84,
        location_source=source,
        reporter=by,
        contact_name=contact_name,
        contact_phone=contact_phone,
        shares_contact=shares_contact,
        submitted_at=now,
        waiting_since=now,
    )
    try:
        with files.undone_on_failure() as written, transaction.atomic():
            # Before the counter: whoever waits for a case must not hold up everybody's numbers.
            main = _held_open(same_as)
            # The counter's row lock also lines up two sendings of the same key.
            hazard.number = NumberCounter.next_number(now)
            deadlines.on_submit(hazard)
            hazard.save(force_insert=True)
            role = "desk" if entered_by else "reporter"
            step = _step(hazard, "submit", by=entered_by or by, role=role, note="")
            attach(step, attachments or Attachments(), written)
            capacity = role if entered_by or by else "guest"
            audit.record("hazards.submit", hazard, by=entered_by or by, role=capacity)
            if main:
                hazard = merge(hazard, by=by, main=main, role="reporter")
            else:
                notifications.notify_step(hazard, step)
    except IntegrityError:
        existing = _sent_before(submission_key, by)
        if existing is None:
            raise
        return existing, False
    return hazard, True


def _held_open(case):
    """The case with its row locked, or None when it is over."""
    if case is None:
        return None
    fresh = Hazard.objects.select_for_update().get(pk=case.pk)
    return fresh if fresh.is_open else None


def _sent_before(submission_key, by):
    """The case this key made already.

    Holding the key is holding the receipt: it is random and known to the sender's browser only.
    Somebody logged in as another person did not send it, though.
    """
    hazard = Hazard.objects.filter(submission_key=submission_key).first()
    if hazard and hazard.reporter_id and by is not None and hazard.reporter_id != by.pk:
        raise NotAllowedNowError(_("这份已经用另一个账号发过了。要再发一份，再点一次发出。"))
    return hazard


def _step(hazard, verb, *, by, role, note):
    return Step.objects.create(
        hazard=hazard,
        verb=verb,
        state=hazard.state,
        at=timezone.now(),
        by=by if by is not None and by.is_authenticated else None,
        by_role=role,
        organisation=hazard.organisation if verb == "dispatch" else None,
        rating=hazard.rating if verb == "rate" else None,
        note=note,
    )


def already_handled(hazard):
    """The refusal of a move that the present state does not allow; to be raised, or shown."""
    return NotAllowedNowError(
        _("已被他人处理，现在是「%(state)s」。") % {"state": hazard.get_state_display()}
    )


def _move(
    hazard, verb, *, by, role, note="", attachments=None, is_repair=False, change=None, **fields
):
    """Make one move of the table and everything that goes with it; returns the fresh case.

    `fields` are set, then `change(case, before)` may do what needs the locked row; `before` is the
    state and the time it was entered. Raises NotAllowedNowError when the table does not lead from
    the present state: somebody else was faster, or the page was old.
    """
    move = TRANSITIONS[verb]
    with files.undone_on_failure() as written, transaction.atomic():
        fresh = Hazard.objects.select_for_update().get(pk=hazard.pk)
        if fresh.state not in move.sources or role not in move.actors_from(fresh.state):
            raise already_handled(fresh)
        before = fresh.state, fresh.waiting_since
        fresh.state = move.target_from(fresh)
        if fresh.state != before[0]:
            fresh.waiting_since = timezone.now()
        for name, value in fields.items():
            setattr(fresh, name, value)
        if change:
            change(fresh, before)
        fresh.save()
        step = _step(fresh, verb, by=by, role=role, note=note)
        attach(step, attachments or Attachments(), written, is_repair=is_repair)
        audit.record(
            f"hazards.{verb}",
            fresh,
            by=by,
            role=role,
            changes={"state": [before[0], fresh.state]},
        )
        notifications.notify_step(fresh, step)
    return fresh


def ask_info(hazard, *, by, reason, role="reviewer", note=""):
    """Ask the reporter for what is missing; `reason` is what they read."""
    return _move(hazard, "ask_info", by=by, role=role, note=_joined(reason, note))


def supply_info(hazard, *, by, note="", attachments=None, role="reporter"):
    """The reporter answers, with words, photos or a voice note; the case waits for review again."""
    if not note and not attachments:
        raise NotAllowedNowError(_("写一句、拍一张或说一句都行，不能是空的。"))
    return _move(hazard, "supply_info", by=by, role=role, note=note, attachments=attachments)


def accept(hazard, *, by, standard_case, urgency, note="", role="reviewer"):
    """Take the case on under a standard case, with its urgency."""
    return _move(
        hazard,
        "accept",
        by=by,
        role=role,
        note=note,
        standard_case=standard_case,
        urgency=urgency,
        accepted_at=timezone.now(),
        change=lambda case, _before: deadlines.on_accept(case),
    )


def reject(hazard, *, by, reason, note="", role="reviewer"):
    """Decline the case; the reporter reads why."""
    return _move(hazard, "reject", by=by, role=role, note=_joined(reason, note))


def escalate(hazard, *, by, note="", role="reviewer"):
    """Hand the case up to the subdistrict's governance centre; the hand-over sheet is frozen."""

    def change(case, _before):
        case.handover = handover_sheet.freeze(case, note)

    return _move(hazard, "escalate", by=by, role=role, note=note, change=change)


def dispatch(hazard, *, by, organisation, outside_number="", note="", role="centre"):
    """Send the case to the organisation that repairs, with the number it runs under there."""
    return _move(
        hazard,
        "dispatch",
        by=by,
        role=role,
        note=note,
        organisation=organisation,
        outside_number=outside_number,
    )


def fix(hazard, *, by, note="", attachments=None, role="reviewer"):
    """Say that it is repaired; a photo is welcome and never demanded."""
    return _move(
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


def _remember_fix(case, before):
    case.fixed_from = before[0]


def redo(hazard, *, by, reason, note="", attachments=None, role="reviewer"):
    """The repair did not hold: back to whoever said it was done, with the time the check took."""

    def change(case, before):
        # Both clocks stood still while it waited to be looked at.
        deadlines.on_resume(case, before[1])
        case.fixed_at = None

    return _move(
        hazard,
        "redo",
        by=by,
        role=role,
        note=_joined(reason, note),
        attachments=attachments,
        change=change,
    )


def secure(hazard, *, by, note="", attachments=None, role="reviewer"):
    """The place is made safe (围护/警示): the first of the two promises, kept in any open state.

    Raises NotAllowedNowError when somebody was there before.
    """

    def change(case, _before):
        if case.secured_at:
            raise NotAllowedNowError(_("已被他人处理，现场已经围护过了。"))
        case.secured_at = timezone.now()
        # The next promise gets its own warning.
        case.soon_told_at = case.overdue_told_at = None

    return _move(
        hazard, "secure", by=by, role=role, note=note, attachments=attachments, change=change
    )


def extend(hazard, *, by, reason, note="", role="centre"):
    """The standard's limit once more, twice at most; the reporter reads why."""

    def change(case, _before):
        if case.extensions >= EXTENSIONS_MAX:
            raise NotAllowedNowError(_("已经延期两次，不能再延。"))
        deadlines.on_extend(case)

    return _move(hazard, "extend", by=by, role=role, note=_joined(reason, note), change=change)


def suspend(hazard, *, by, reason, until, note="", role="centre"):
    """Stop the clock until a date, for something that nobody can do now."""
    if until <= timezone.localdate():
        raise NotAllowedNowError(_("挂起到哪天，要选今天以后的日子。"))
    return _move(
        hazard,
        "suspend",
        by=by,
        role=role,
        note=_joined(reason, note),
        suspended_at=timezone.now(),
        suspended_until=until,
    )


def resume(hazard, *, by, note="", role="centre"):
    """The clock runs again with what was left when it stopped."""

    def change(case, before):
        deadlines.on_resume(case, case.suspended_at)
        case.suspended_at = case.suspended_until = None

    return _move(hazard, "resume", by=by, role=role, note=note, change=change)


def return_case(hazard, *, by, reason, note="", role="centre"):
    """One step back, with the reason, and with the time it lay here."""

    def change(case, before):
        deadlines.on_return(case, before[1])
        if before[0] == State.DISPATCHED:
            case.organisation, case.outside_number = None, ""

    return _move(hazard, "return_case", by=by, role=role, note=_joined(reason, note), change=change)


def reopen(hazard, *, by, reason, note="", attachments=None, role="reporter"):
    """Not fixed after all: the same case again, with its history and a fresh clock.

    Raises NotAllowedNowError later than 30 days after closing.
    """

    def change(case, _before):
        if not case.can_reopen_now:
            raise NotAllowedNowError(_("办结超过 30 天了，请重新报一件。"))
        case.closed_at = case.fixed_at = case.rating = None
        case.organisation, case.outside_number, case.fixed_from = None, "", ""
        case.handover = None
        case.reopened += 1
        deadlines.on_reopen(case)

    return _move(
        hazard,
        "reopen",
        by=by,
        role=role,
        note=_joined(reason, note),
        attachments=attachments,
        change=change,
    )


def rate(hazard, *, by, rating, note="", role="reporter"):
    """The reporter says how it ended, once."""

    def change(case, _before):
        if case.rating is not None:
            raise NotAllowedNowError(_("已经评价过了，谢谢。"))
        case.rating = rating

    return _move(hazard, "rate", by=by, role=role, note=note, change=change)


def merge(hazard, *, by, main, note="", role="reviewer"):
    """Two reports of one place become one case; this one's reporter follows the main one.

    Whoever followed this one follows the main one, too. Raises NotAllowedNowError when the main
    case is this one, is over, or follows another itself.
    """

    def change(case, before):
        target = Hazard.objects.select_for_update().get(pk=main.pk)
        if target.pk == case.pk or not target.is_open:
            raise NotAllowedNowError(_("那一件已经办完或并到别处了，换一件。"))
        case.merged_from, case.main = before[0], target
        Hazard.objects.filter(main=case).update(main=target)

    with transaction.atomic():
        # Both rows, always in the same order: two merges towards each other must not deadlock.
        both = Hazard.objects.filter(pk__in=[hazard.pk, main.pk])
        list(both.select_for_update().order_by("pk").values_list("pk"))
        return _move(hazard, "merge", by=by, role=role, note=note, change=change)


def unmerge(hazard, *, by, note="", role="reviewer"):
    """It was another place after all: the case goes on from where it was."""

    def change(case, _before):
        case.main, case.merged_from = None, ""

    return _move(hazard, "unmerge", by=by, role=role, note=note, change=change)


def close(hazard, *, by, condition_met, note="", role="reviewer"):
    """Close a case whose closing condition was seen to be met."""
    if not condition_met:
        raise NotAllowedNowError(_("先确认结案条件已经达到，再办结。"))
    return _move(hazard, "close", by=by, role=role, note=note, closed_at=timezone.now())


def withdraw(hazard, *, by, note="", role="reporter"):
    """The reporter takes it back before review."""
    return _move(hazard, "withdraw", by=by, role=role, note=note)


def _joined(reason, note):
    return f"{reason}\n{note}" if note else reason


def preview(verb, hazard, **given):
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
