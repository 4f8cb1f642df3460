"""The one door through which a case changes. Every verb: one transaction, the row locked, the
table checked, a step for the timeline, an audit event, and notices to those concerned.

Verbs check the move; whether the caller may make it is asked of `access` beforehand.
"""

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stations.models import Community
from yuanhang.core import audit
from yuanhang.core.errors import NotAllowedNow

from . import telling
from .attachments import Attachments, attach, undone_on_failure
from .models import Hazard, NumberCounter, Step
from .moves import MOVES


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
):
    """Make a case, exactly once per `submission_key`; returns `(hazard, is_new)`.

    `by` is the reporter or None for a guest; `point` a `geo.Point` (WGS-84) or None; `grid`
    decides the community, else `community` does, else the home community takes it.
    Raises NotAllowedNow when the key belongs to another account's report.
    """
    existing = _sent_before(submission_key, by)
    if existing:
        return existing, False
    now = timezone.now()
    community = grid.community if grid else community or Community.objects.home()
    if community is None:
        raise NotAllowedNow(_("还没有设置社区，请联系管理员。"))
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
        submitted_at=now,
        waiting_since=now,
    )
    try:
        with undone_on_failure() as written, transaction.atomic():
            # The counter's row lock also lines up two sendings of the same key.
            hazard.number = NumberCounter.next_number(now)
            hazard.save(force_insert=True)
            step = _step(hazard, "submit", by=by, role="reporter", note="")
            attach(step, attachments or Attachments(), written)
            audit.record("hazards.submit", hazard, by=by, role="reporter" if by else "guest")
            telling.tell(hazard, step)
    except IntegrityError:
        existing = _sent_before(submission_key, by)
        if existing is None:
            raise
        return existing, False
    return hazard, True


def _sent_before(submission_key, by):
    """The case this key made already.

    Holding the key is holding the receipt: it is random and known to the sender's browser only.
    Somebody logged in as another person did not send it, though.
    """
    hazard = Hazard.objects.filter(submission_key=submission_key).first()
    if hazard and hazard.reporter_id and by is not None and hazard.reporter_id != by.pk:
        raise NotAllowedNow(_("这份上报是用另一个账号发的，请刷新页面重新填。"))
    return hazard


def _step(hazard, verb, *, by, role, note):
    return Step.objects.create(
        hazard=hazard,
        verb=verb,
        state=hazard.state,
        at=timezone.now(),
        by=by if by is not None and by.is_authenticated else None,
        by_role=role,
        note=note,
    )


def _move(hazard, verb, *, by, role, note="", attachments=None, is_repair=False, **fields):
    """Make one move of the table and everything that goes with it; returns the fresh case.

    Raises NotAllowedNow when the table does not lead from the present state: somebody else was
    faster, or the page was old.
    """
    move = MOVES[verb]
    with undone_on_failure() as written, transaction.atomic():
        fresh = Hazard.objects.select_for_update().get(pk=hazard.pk)
        if fresh.state not in move.sources:
            raise NotAllowedNow(
                _("已被他人处理，现在是「%(state)s」。") % {"state": fresh.get_state_display()}
            )
        before = fresh.state
        fresh.state = move.target
        fresh.waiting_since = timezone.now()
        for name, value in fields.items():
            setattr(fresh, name, value)
        fresh.save()
        step = _step(fresh, verb, by=by, role=role, note=note)
        attach(step, attachments or Attachments(), written, is_repair=is_repair)
        audit.record(
            f"hazards.{verb}",
            fresh,
            by=by,
            role=role,
            changes={"state": [before, fresh.state]},
        )
        telling.tell(fresh, step)
    return fresh


def ask_info(hazard, *, by, reason, role="reviewer", note=""):
    """Ask the reporter for what is missing; `reason` is what they read."""
    return _move(hazard, "ask_info", by=by, role=role, note=_joined(reason, note))


def supply_info(hazard, *, by, note="", attachments=None, role="reporter"):
    """The reporter answers, with words, photos or a voice note; the case waits for review again."""
    if not note and not attachments:
        raise NotAllowedNow(_("写一句、拍一张或说一句都行，不能是空的。"))
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
    )


def reject(hazard, *, by, reason, note="", role="reviewer"):
    """Decline the case; the reporter reads why."""
    return _move(hazard, "reject", by=by, role=role, note=_joined(reason, note))


def escalate(hazard, *, by, note="", role="reviewer"):
    """Hand the case up to the subdistrict's governance centre."""
    return _move(hazard, "escalate", by=by, role=role, note=note)


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
    )


def close(hazard, *, by, condition_met, note="", role="reviewer"):
    """Close a case whose closing condition was seen to be met."""
    if not condition_met:
        raise NotAllowedNow(_("先确认结案条件已经达到，再办结。"))
    return _move(hazard, "close", by=by, role=role, note=note, closed_at=timezone.now())


def withdraw(hazard, *, by, note="", role="reporter"):
    """The reporter takes it back before review."""
    return _move(hazard, "withdraw", by=by, role=role, note=note)


def _joined(reason, note):
    return f"{reason}\n{note}" if note else reason


VERBS = {
    "accept": accept,
    "ask_info": ask_info,
    "supply_info": supply_info,
    "dispatch": dispatch,
    "fix": fix,
    "close": close,
    "escalate": escalate,
    "reject": reject,
    "withdraw": withdraw,
}
