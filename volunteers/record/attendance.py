"""Who took part: everybody confirmed, but for the exceptions that the leader marks.

Nobody checks in. The leader presses one button after the session; where nobody did for three
days, the system writes the list down as it stands. Later corrections say who and why.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from volunteers.activities.access import responsible_for
from volunteers.activities.models.activities import Activity
from volunteers.activities.models.sessions import ActivitySession
from volunteers.activities.offers import locked
from volunteers.record.models.service_records import Attendance
from volunteers.record.roster import lines_of, minutes_by_person
from volunteers.record.service_records import IN_TIME, enter_session
from volunteers.record.training_records import hold_training, note_training
from yuanhang.core import audit
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.models import User, normalise_phone
from yuanhang.core.outbox import notices

SETTLES_AFTER = timedelta(days=3)  # as the notice to the leader says
LABEL_MAX = 30  # characters, as the column holds
EXTRAS_MAX = 100  # people; more than ever came unasked, so something else sent them
SESSIONS_A_RUN = 200  # settled by one run of the job; the rest with the next
LEADERS_A_RUN = 500
Kind = Attendance.Kind


@dataclass(frozen=True)
class Mark:
    """What the leader says of one line: a kind, minutes for late and early, passed or not."""

    kind: str = Kind.PRESENT
    minutes: int | None = None
    is_passed: bool = True


@dataclass(frozen=True)
class Extra:
    """Somebody who came without signing up: a name, or a phone, or both.

    The phone finds the account that the minutes are for. Whether there is one is not shown to
    whoever typed it: the list says the name that was typed, or the last four digits.
    """

    name: str = ""
    phone: str = ""
    minutes: int | None = None


def settle_session(
    session: ActivitySession,
    *,
    by: User | None = None,
    marks: Mapping[str, Mark] | None = None,
    extras: Sequence[Extra] = (),
) -> ActivitySession:
    """Write down who took part, once; `by` is None when the session settles itself.

    `marks` maps keys of `roster.Line` to `Mark`s, exceptions only. Returns the fresh session.
    Raises NotAllowedNowError before the end, when it was written down already, for a cancelled
    activity, an unknown line, or minutes beyond the session's length.
    """
    with transaction.atomic():
        fresh = locked(session.pk)
        _refuse_unless_held(fresh)
        if fresh.settled_at:
            raise NotAllowedNowError(_("名单已经有人确认过了，刷新看看；要改请写原因。"))
        fresh.settled_at, fresh.settled_by_itself = timezone.now(), by is None
        fresh.save(update_fields=["settled_at", "settled_by_itself", "updated_at"])
        _mark(fresh, marks or {}, extras, by=by)
        audit.record("volunteers.settle", fresh, by=by, parent=fresh.activity)
        _write_down(fresh, by=by)
    return fresh


def correct_attendance(
    session: ActivitySession,
    *,
    by: User,
    reason: str,
    marks: Mapping[str, Mark] | None = None,
    extras: Sequence[Extra] = (),
) -> int:
    """Change what was written down; who and why stay visible. Returns how many lines changed.

    Raises NotAllowedNowError without a reason, before the list was settled, and as
    `settle_session`.
    """
    reason = reason.strip()
    if not reason:
        raise NotAllowedNowError(_("名单已经确认过，改动要写一句原因。"))
    with transaction.atomic():
        fresh = locked(session.pk)
        _refuse_unless_held(fresh)
        if not fresh.settled_at:
            raise NotAllowedNowError(_("名单还没确认。"))
        changed = _mark(fresh, marks or {}, extras, by=by, reason=reason)
        if changed:
            counts = {"lines": changed}
            audit.record("volunteers.correct_attendance", fresh, by=by, changes=counts)
            _write_down(fresh, by=by, reason=reason)
    return changed


def _refuse_unless_held(session):
    state = session.activity.state
    if state in (Activity.State.DRAFT, Activity.State.CANCELLED):
        raise NotAllowedNowError(_("这个活动没有举行。"))
    if not session.is_over:
        raise NotAllowedNowError(_("还没结束，结束以后再记。"))


def _mark(session, marks, extras, *, by, reason=""):
    """Add a mark for each line that is said to be otherwise, and for each extra person."""
    lines = {line.key: line for line in lines_of(session)}
    unknown = marks.keys() - lines.keys()
    if unknown or len(extras) > EXTRAS_MAX:
        raise NotAllowedNowError(_("名单变了，刷新再改。"))
    changed = 0
    for key, mark in marks.items():
        line, minutes = lines[key], _minutes(session, mark.kind, mark.minutes)
        is_passed = mark.is_passed and minutes > 0
        if (mark.kind, minutes, is_passed) == (line.kind, line.minutes, line.is_passed):
            continue
        label = line.name if line.is_extra else ""
        _add(session, line.user, label, mark.kind, minutes, is_passed, by, reason)
        changed += 1
    taken = {line.name for line in lines.values()}
    for extra in extras:
        user, label = _who(extra)
        if label in taken:
            raise NotAllowedNowError(_("名单上已经有「%(name)s」，换个写法。") % {"name": label})
        taken.add(label)
        kind = Kind.PRESENT if extra.minutes in (None, session.minutes) else Kind.LATE
        minutes = _minutes(session, kind, extra.minutes)
        _add(session, user, label, kind, minutes, True, by, reason)
        changed += 1
    return changed


def _add(session, user, label, kind, minutes, is_passed, by, reason):
    Attendance.objects.create(
        session=session,
        user=user,
        label=label,
        kind=kind,
        minutes=minutes,
        is_passed=is_passed,
        by=by,
        reason=reason,
        at=timezone.now(),
    )


def _minutes(session, kind, typed):
    """The minutes of a mark; only late and early ones are typed."""
    if kind == Kind.ABSENT:
        return 0
    if kind == Kind.PRESENT:
        return session.minutes
    if typed is None or not 1 <= typed <= session.minutes:
        limit = {"limit": session.minutes}
        raise NotAllowedNowError(_("实际分钟数要在 1 到 %(limit)s 之间。") % limit)
    return typed


def _who(extra):
    """(account or None, label) of somebody who came without signing up."""
    name = " ".join(extra.name.split())[:LABEL_MAX]
    if not extra.phone.strip():
        if not name:
            raise NotAllowedNowError(_("临时来的人，写个称呼或手机号。"))
        return None, name
    try:
        phone = normalise_phone(extra.phone)
    except ValidationError as error:
        raise NotAllowedNowError(_("临时来的人：手机号要 11 位。")) from error
    tail = _("尾号 %(tail)s") % {"tail": phone[-4:]}
    return User.objects.filter(phone=phone, is_active=True).first(), name or str(tail)


def _write_down(session, *, by, reason=""):
    """Bring ledger or training records to what the list says; care and exchange have none."""
    people = minutes_by_person(lines_of(session))
    kind = session.activity.kind
    if kind == Activity.Kind.VOLUNTEERING:
        is_late = timezone.now() > session.ends_at + IN_TIME
        why = reason or (str(_("7 天后才确认名单")) if is_late else "")
        # In one order: two lists that take minutes back from the same people must not deadlock.
        for user, (minutes, _passed) in sorted(people.items(), key=lambda row: row[0].pk):
            enter_session(session, user, minutes, by=by, reason=why, is_late=is_late)
    elif kind == Activity.Kind.TRAINING:
        hold_training()
        for user, (minutes, is_passed) in people.items():
            note_training(session, user, minutes, is_passed=is_passed)


def settle_due(now: datetime | None = None) -> int:
    """Settle what nobody touched for three days after its end; returns how many.

    One transaction a session, so twins of the job and a leader at the same moment do no harm.
    """
    now = now or timezone.now()
    due = ActivitySession.objects.unsettled().filter(ends_at__lte=now - SETTLES_AFTER)
    settled = 0
    for session in due.order_by("ends_at", "pk")[:SESSIONS_A_RUN]:
        try:
            settle_session(session)
            settled += 1
        except NotAllowedNowError:
            continue  # somebody was faster
    return settled


def ask_leaders(now: datetime | None = None) -> int:
    """Once a session, after its end: the leader may look at the list; returns how many were asked.

    Only sessions of the last day: after an outage nobody is asked about old ones.
    """
    now = now or timezone.now()
    ended = ActivitySession.objects.unsettled().filter(
        ends_at__lte=now, ends_at__gt=now - timedelta(days=1)
    )
    asked = 0
    for session in ended.select_related("activity__organiser", "leader")[:LEADERS_A_RUN]:
        activity = session.activity
        asked += len(
            notices.send(
                responsible_for(session),
                "volunteers.ask_roster",
                key=f"session:{session.pk}:roster",
                context={"session": session, "activity": activity},
                url=session.get_roster_url(),
            )
        )
    return asked
