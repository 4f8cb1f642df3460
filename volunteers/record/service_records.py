"""The ledger of service minutes: only ever added to, and what comes late or by hand waits.

Hours are sold where one person can type them in unseen. So an entry made later than 7 days after
its session, or typed by hand, counts nothing until somebody else confirms it, who is neither the
one who entered it nor the one it is for; and it stays marked 补录.
"""

from datetime import date, timedelta

from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stations.areas.models import Community
from volunteers.activities.models.sessions import ActivitySession
from volunteers.record.models.service_records import (
    DAY_MINUTES,
    Confirmation,
    Counter,
    ServiceRecord,
    VolunteerNumber,
)
from volunteers.record.overstated import revoke_overstated
from yuanhang.core import audit
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.models import User
from yuanhang.core.outbox import notices

IN_TIME = timedelta(days=7)  # after the day; what comes later needs a second person
OLDEST = timedelta(days=366)  # an entry by hand reaches back a year
RECORD_URL = "/volunteers/record/"
HOURS_LOCK = 1 << 40  # plus the account's key; any number, the same in every process


def volunteer_number(user: User, community: Community) -> str:
    """The person's 志愿者编号 (volunteer number), made at first need.

    `ZY003-00012`: the community's key and a running count.
    """
    existing = VolunteerNumber.objects.filter(user=user).first()
    if existing:
        return existing.number
    with transaction.atomic():
        running = Counter.following(f"volunteer:{community.pk}")
        number = f"ZY{community.pk:03d}-{running:05d}"
        given, _new = VolunteerNumber.objects.get_or_create(user=user, defaults={"number": number})
    return given.number


def add_entry(
    *, user: User, minutes: int, by: User | None, needs_second: bool, **facts: object
) -> ServiceRecord:
    """Write one entry in the caller's transaction and tell the person; returns it.

    `facts` are further columns of ServiceRecord.
    """
    record = ServiceRecord.objects.create(
        user=user, minutes=minutes, by=by, needs_second=needs_second, at=timezone.now(), **facts
    )
    changes = {"minutes": minutes, "source": record.source, "late": needs_second}
    audit.record("volunteers.entry", record, by=by, parent=record.session, changes=changes)
    if not needs_second:
        _notify(record, "recorded")
        if minutes < 0:
            revoke_overstated(user, record.community, by=by)
    return record


def _notify(record, what):
    notices.send(
        [record.user],
        f"volunteers.{what}",
        key=f"record:{record.pk}:{what}",
        context={"record": record},
        url=RECORD_URL,
    )


def enter_by_hand(
    *,
    user: User,
    community: Community,
    minutes: int,
    on: date,
    content: str,
    reason: str,
    by: User,
) -> ServiceRecord:
    """补录 (entry by hand): minutes that no session knows; waits for a second person.

    Returns the entry. `minutes` may be negative to correct. Raises NotAllowedNowError for a day
    to come or longer ago than a year, no or too many minutes, a missing content or reason.
    """
    if not 1 <= abs(minutes) <= DAY_MINUTES:
        raise NotAllowedNowError(_("分钟数要在 1 到 1440 之间。"))
    if not timezone.localdate() - OLDEST <= on <= timezone.localdate():
        raise NotAllowedNowError(_("日期要在今天以前、一年以内。"))
    if not content.strip() or not reason.strip():
        raise NotAllowedNowError(_("写清楚做了什么、为什么补录。"))
    with transaction.atomic():
        return add_entry(
            user=user,
            community=community,
            minutes=minutes,
            source=ServiceRecord.Source.HAND,
            on=on,
            content=content.strip(),
            reason=reason.strip(),
            by=by,
            needs_second=True,
        )


def enter_errand(
    *,
    user: User,
    community: Community,
    minutes: int,
    on: date,
    content: str,
    reference: str,
    by: User,
) -> ServiceRecord:
    """Minutes of a 顺路任务 (errand), confirmed by staff; exactly once per `reference`.

    Returns the entry. Later than 7 days after `on` it waits for a second person. Raises
    NotAllowedNowError when staff confirm for themselves, or for minutes outside 1 to 1440.
    """
    if by.pk == user.pk:
        raise NotAllowedNowError(_("自己的任务要别人确认。"))
    if not 1 <= minutes <= DAY_MINUTES:
        raise NotAllowedNowError(_("分钟数要在 1 到 1440 之间。"))
    is_late = timezone.localdate() > on + IN_TIME
    try:
        with transaction.atomic():
            return add_entry(
                user=user,
                community=community,
                minutes=minutes,
                source=ServiceRecord.Source.ERRAND,
                reference=reference,
                on=on,
                content=content,
                reason=str(_("7 天后才确认")) if is_late else "",
                by=by,
                needs_second=is_late,
            )
    except IntegrityError:
        entry = ServiceRecord.objects.filter(reference=reference).first()
        if entry is None:
            raise
        return entry


def minutes_of(session: ActivitySession, user: User) -> int:
    """What a person's entries for a session come to, those that wait included."""
    entries = ServiceRecord.objects.filter(session=session, user=user)
    return entries.exclude(confirmation__is_accepted=False).total()


def enter_session(
    session: ActivitySession,
    user: User,
    minutes: int,
    *,
    by: User | None,
    reason: str = "",
    is_late: bool = False,
) -> ServiceRecord | None:
    """Bring a person's minutes for a session to `minutes` by one more entry, or none.

    The session is locked by the caller, who goes through people in the order of their keys. Raises
    NotAllowedNowError while an entry for this person and session waits for its second person, and
    when the person's total would fall below zero.
    """
    entries = ServiceRecord.objects.filter(session=session, user=user)
    change = minutes - minutes_of(session, user)
    if not change:
        return None
    if entries.pending().exists():
        raise NotAllowedNowError(
            _("%(who)s 这一场还有一条补录等人确认，先确认再改。") % {"who": user}
        )
    activity = session.activity
    if change < 0 and not is_late:
        _refuse_below_zero(user, activity.community, change)
    return add_entry(
        user=user,
        community=activity.community,
        minutes=change,
        source=ServiceRecord.Source.SESSION,
        session=session,
        on=timezone.localtime(session.starts_at).date(),
        # What a confidential session was about is nobody's business but its organiser's.
        content=str(_("志愿服务")) if activity.is_confidential else activity.title,
        reason=reason,
        by=by,
        needs_second=is_late,
    )


def answer_entry(
    record: ServiceRecord, *, by: User, is_accepted: bool, reason: str = ""
) -> Confirmation:
    """The second person's word on an entry; returns the Confirmation.

    Raises NotAllowedNowError when it needs none or has one, for whoever entered it or gains by it,
    for a refusal without a reason, and when the person's total would fall below zero.
    """
    reason = reason.strip()
    if not is_accepted and not reason:
        raise NotAllowedNowError(_("不认可要写一句原因。"))
    with transaction.atomic():
        if record.session_id:
            ActivitySession.objects.select_for_update(no_key=True).get(pk=record.session_id)
        record = ServiceRecord.objects.select_for_update(no_key=True, of=("self",)).get(
            pk=record.pk
        )
        if not record.needs_second:
            raise NotAllowedNowError(_("这一条不用确认。"))
        if Confirmation.objects.filter(record=record).exists():
            raise NotAllowedNowError(_("已被他人处理。"))
        if by.pk == record.by_id:
            raise NotAllowedNowError(_("自己录的要别人确认。"))
        if by.pk == record.user_id:
            raise NotAllowedNowError(_("自己的时长要别人确认。"))
        if is_accepted and record.minutes < 0 and record.user_id:
            _refuse_below_zero(record.user, record.community, record.minutes)
        answer = Confirmation.objects.create(
            record=record, by=by, is_accepted=is_accepted, reason=reason
        )
        audit.record(
            "volunteers.answer_entry",
            record,
            by=by,
            parent=record.session,
            changes={"accepted": is_accepted},
        )
        if record.user_id:
            _notify(record, "recorded" if is_accepted else "refused")
            if is_accepted and record.minutes < 0:
                revoke_overstated(record.user, record.community, by=by)
    return answer


def _refuse_below_zero(user, community, change):
    """Hours taken back twice, on the list and by hand, would leave less than none."""
    _hold_hours(user.pk)
    entries = ServiceRecord.objects.filter(user=user, community=community)
    if entries.counting().total() + change < 0:
        words = _("这样%(who)s的总时长会小于 0，看看是不是已经手工更正过。")
        raise NotAllowedNowError(words % {"who": user})


def _hold_hours(user_id):
    """One correction of a person at a time, or two would each see what the other takes away.

    Not the account's row: signing up locks that before the session, and here it comes after.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [HOURS_LOCK + user_id])
