"""Taking an errand on for half an hour, and what becomes of it.

The errand's row is locked by every verb. A lease that ran out counts as ended for everybody, also
before the job has come to write that down.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stations.postings.access import community_staff
from volunteers.activities import quiet_hours
from volunteers.errands.models import LEASE, PRIVATE, Errand, ErrandClaim
from volunteers.errands.transitions import CLOCK, DEACTIVATION, ERRANDS, HELPER, STAFF
from volunteers.record.service_records import enter_errand
from yuanhang.core import audit, editing, people, retention
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.locked_transitions import carry_out, check
from yuanhang.core.models import User
from yuanhang.core.outbox import notices
from yuanhang.core.retention import RetentionRule, Span
from yuanhang.core.words import until as words_until

State, Outcome = Errand.State, ErrandClaim.Outcome
# An errand that repeats is offered to its usual helper alone for so long.
RESERVED = timedelta(hours=2)
# So many rows are looked at by one run of a job; the next run takes the rest.
EXPIRED_A_RUN, REPEATED_A_RUN = 500, 200


def _locked(errand_id: int) -> Errand:
    rows = Errand.objects.select_for_update(of=("self",)).select_related("community", "grid")
    return rows.get(pk=errand_id)


def _notify(people: Iterable[User], errand: Errand, what: str, key: str) -> None:
    # Kind and grid only: a notice lies on a phone's screen.
    notices.send(
        people,
        f"volunteers.{what}",
        key=f"errand:{errand.pk}:{key}",
        context={"errand": errand},
        url=errand.get_absolute_url(),
    )


def _carry_out(errand: Errand, verb: str, capacity: str, claim: ErrandClaim, by: Any) -> None:
    """One transition of a locked errand, whose trail is about the claim."""
    carry_out(
        ERRANDS,
        errand,
        verb,
        by=by,
        capacity=capacity,
        is_locked=True,
        about=lambda row: claim,
        parent=errand,
    )


def _end(claim: ErrandClaim, outcome: str, *, note: str = "") -> None:
    claim.outcome, claim.ended_at, claim.note = outcome, timezone.now(), note
    claim.save()


def _expire(errand: Errand) -> int:
    """End a lease that ran out; the row is locked by the caller. Returns how many ended."""
    ended = 0
    for claim in errand.claims.run_out().select_related("helper"):
        _end(claim, Outcome.EXPIRED)
        _carry_out(errand, "expire", CLOCK, claim, None)
        _notify([claim.helper], errand, "errand_expired", f"{claim.pk}:expired")
        ended += 1
    return ended


def expire_leases(*, helper: User | None = None) -> int:
    """Put back what nobody finished in time; returns how many. Each errand under its own lock."""
    claims = ErrandClaim.objects.run_out()
    if helper is not None:
        claims = claims.filter(helper=helper)
    ids = sorted(set(claims.values_list("errand", flat=True)[:EXPIRED_A_RUN]))
    ended = 0
    for errand_id in ids:
        with transaction.atomic():
            ended += _expire(_locked(errand_id))
    return ended


def claim(errand: Errand, *, by: User) -> ErrandClaim:
    """Take it on for 30 minutes; returns the claim. Taking it twice gives the same one.

    Raises NotAllowedNowError when somebody else has it, one has another in hand, it waits for its
    usual helper, or its day is past; and as `people.hold`.
    """
    expire_leases(helper=by)
    try:
        with transaction.atomic():
            people.hold(by)
            errand = _locked(errand.pk)
            _expire(errand)
            own = errand.claims.filter(helper=by, ended_at__isnull=True).first()
            if own:
                return own
            _refuse_unless_free(errand, by)
            now = timezone.now()
            claim = ErrandClaim.objects.create(
                errand=errand, helper=by, claimed_at=now, lease_until=now + LEASE
            )
            _carry_out(errand, "claim", HELPER, claim, by)
    except IntegrityError:
        raise NotAllowedNowError(_("你手上还有一件，办完或还回去再接。")) from None
    return claim


def _refuse_unless_free(errand: Errand, by: User) -> None:
    check(ERRANDS, errand, "claim", capacity=HELPER)
    if errand.due_on < timezone.localdate():
        raise NotAllowedNowError(_("这件已经过了日子。"))
    until = errand.asks_first(by)
    if until:
        said = words_until(until)
        raise NotAllowedNowError(_("先问常去的那位，%(t)s 以后大家都能接。") % {"t": said})


def _held(claim: ErrandClaim) -> tuple[Errand, ErrandClaim]:
    """The errand and the claim, locked, with its lease still running."""
    errand = _locked(claim.errand_id)
    claim = errand.claims.select_related("helper").get(pk=claim.pk)
    claim.errand = errand
    if not claim.is_live:
        raise NotAllowedNowError(_("时间到了，任务已经放回去。还想办就再接一次。"))
    return errand, claim


@transaction.atomic
def extend_lease(claim: ErrandClaim, *, by: User) -> ErrandClaim:
    """Another 30 minutes, once. Raises NotAllowedNowError the second time, or when it ran out."""
    errand, claim = _held(claim)
    if claim.is_extended:
        raise NotAllowedNowError(_("已经延过一次了。办不完就还回去，别人接着办。"))
    claim.lease_until, claim.is_extended = claim.lease_until + LEASE, True
    claim.save()
    _carry_out(errand, "extend_lease", HELPER, claim, by)
    return claim


@transaction.atomic
def release(claim: ErrandClaim, *, by: User) -> ErrandClaim:
    """Back to the list for somebody else; nobody is asked why."""
    errand, claim = _held(claim)
    _end(claim, Outcome.RETURNED)
    _carry_out(errand, "release", HELPER, claim, by)
    return claim


@transaction.atomic
def free_all(user: User, *, by: User) -> None:
    """Put back what somebody who was deactivated has in hand; nobody waits for their answer.

    What they said is done waits for staff as before. The caller holds the person.
    """
    claims = ErrandClaim.objects.filter(helper=user, ended_at__isnull=True)
    asked = Errand.objects.filter(preferred=user)
    ids = {*claims.values_list("errand", flat=True), *asked.values_list("pk", flat=True)}
    for errand_id in sorted(ids):
        errand = _locked(errand_id)
        for claim in errand.claims.filter(helper=user, ended_at__isnull=True):
            _end(claim, Outcome.RETURNED)
            _carry_out(errand, "free", DEACTIVATION, claim, by)
        if errand.preferred_id == user.pk:
            errand.preferred = errand.reserved_until = None
            errand.save(update_fields=["preferred", "reserved_until", "updated_at"])


@transaction.atomic
def finish(claim: ErrandClaim, *, by: User, note: str = "") -> ErrandClaim:
    """It is done; staff confirm it. From now on the address is closed again."""
    errand, claim = _held(claim)
    _end(claim, Outcome.DONE, note=note)
    _carry_out(errand, "finish", HELPER, claim, by)
    _notify(community_staff(errand.community), errand, "staff_errand_done", f"{claim.pk}:done")
    return claim


@transaction.atomic
def confirm(errand: Errand, *, by: User) -> ErrandClaim:
    """Staff confirm; the minutes go to the ledger. Returns the claim.

    Raises NotAllowedNowError when it is not done, and for one's own errand.
    """
    errand = _locked(errand.pk)
    check(ERRANDS, errand, "confirm", capacity=STAFF)
    claim = errand.claims.select_related("helper").filter(outcome=Outcome.DONE).first()
    enter_errand(
        user=claim.helper,
        community=errand.community,
        minutes=errand.minutes,
        on=timezone.localdate(claim.ended_at),
        content=str(errand.get_kind_display()),
        reference=f"errand:{claim.pk}",
        by=by,
    )
    claim.confirmed_at, claim.confirmed_by = timezone.now(), by
    claim.save()
    errand.ended_at = timezone.now()
    _carry_out(errand, "confirm", STAFF, claim, by)
    _notify([claim.helper], errand, "errand_confirmed", f"{claim.pk}:confirmed")
    return claim


@transaction.atomic
def reject_done(errand: Errand, *, by: User) -> ErrandClaim:
    """Staff found that it was not done after all: open again, and whoever said so is told.

    Raises NotAllowedNowError when it is not waiting to be confirmed.
    """
    errand = _locked(errand.pk)
    check(ERRANDS, errand, "reject_done", capacity=STAFF)
    claim = errand.claims.select_related("helper").filter(outcome=Outcome.DONE).first()
    claim.outcome = Outcome.RETURNED
    claim.save(update_fields=["outcome"])
    # Open again for a day that is past, nobody could take it.
    errand.due_on = max(errand.due_on, timezone.localdate())
    _carry_out(errand, "reject_done", STAFF, claim, by)
    _notify([claim.helper], errand, "errand_reject_done", f"{claim.pk}:reject_done")
    return claim


@transaction.atomic
def cancel(errand: Errand, *, by: User) -> Errand:
    """Not needed any more; whoever has it in hand is told at once."""
    errand = _locked(errand.pk)
    check(ERRANDS, errand, "cancel", capacity=STAFF)
    for claim in errand.claims.filter(ended_at__isnull=True).select_related("helper"):
        _end(claim, Outcome.CANCELLED)
        _notify([claim.helper], errand, "errand_cancelled", f"{claim.pk}:cancelled")
    ended = {"ended_at": timezone.now()}
    carry_out(ERRANDS, errand, "cancel", by=by, capacity=STAFF, is_locked=True, fields=ended)
    return errand


def create(errand: Errand, *, by: User) -> Errand:
    """Store a new errand, made by a member of staff."""
    errand.made_by = by
    return editing.create(errand, by=by)


def edit(errand: Errand, *, by: User, fields: Iterable[str]) -> Errand:
    """Store the named fields of an errand; what is filled in again is forgotten again."""
    if errand.erased_at and {*PRIVATE}.intersection(fields):
        errand.erased_at = None
    if "preferred" in fields:
        errand.reserved_until = None  # who was asked first is not who goes there usually any more
    columns = [*fields, "erased_at", "reserved_until", "updated_at"]
    with transaction.atomic():
        errand.save(update_fields=columns)
        audit.record("volunteers.edit_errand", errand, by=by, changes={"fields": sorted(fields)})
    return errand


COPIED_FIELDS = (
    "community",
    "grid",
    "kind",
    "title",
    "near",
    "minutes",
    "preferred",
    "made_by",
    *PRIVATE,
)


def repeat_weekly(today: date | None = None) -> int:
    """Next week's errand a day before its time, its usual helper asked first; returns how many."""
    today = today or timezone.localdate()
    due = Errand.objects.filter(
        repeats_weekly=True, has_next=False, due_on__lte=today - timedelta(days=6)
    ).exclude(state=State.CANCELLED)
    count = 0
    for pk in list(due.order_by("pk").values_list("pk", flat=True)[:REPEATED_A_RUN]):
        with transaction.atomic():
            errand = _locked(pk)
            if errand.has_next:
                continue  # a twin of this job was faster
            new = Errand(repeats_weekly=True, due_on=errand.due_on)
            while new.due_on < today:  # weeks of an outage are not made up for
                new.due_on += timedelta(days=7)
            for name in COPIED_FIELDS:
                setattr(new, name, getattr(errand, name))
            if new.preferred_id and not new.preferred.is_active:
                new.preferred = None
            if new.preferred_id:
                now = timezone.now()
                new.reserved_until = (quiet_hours.quiet_until(now) or now) + RESERVED
            new.save()
            errand.has_next = True
            errand.save(update_fields=["has_next", "updated_at"])
            audit.record("volunteers.errand_repeat", new, parent=errand)
            if new.preferred_id:
                _notify([new.preferred], new, "errand_asked", "asked")
            count += 1
    return count


def erase_old(now: datetime | None = None) -> int:
    """Forget for whom and where, and what helpers said, a week after the end; returns how many."""
    return retention.erase(RETENTION[0], now)


def _is_due(week_ago: datetime) -> Q:
    """Over for a week, or a week after its day where nobody ever came or nobody confirmed."""
    is_over = Q(ended_at__lte=week_ago)
    is_past = Q(ended_at__isnull=True, due_on__lte=timezone.localdate(week_ago))
    # A weekly one is forgotten once its successor carries what is needed.
    is_needed = Q(repeats_weekly=True, has_next=False) & ~Q(state=State.CANCELLED)
    return (is_over | is_past) & Q(erased_at__isnull=True) & ~is_needed


def _forget(keys: list[int], now: datetime) -> None:
    ErrandClaim.objects.filter(errand__in=keys).update(note="")
    Errand.objects.filter(pk__in=keys).update(erased_at=now, **dict.fromkeys(PRIVATE, ""))


RETENTION = (
    RetentionRule(
        key="volunteers.errand",
        model="volunteers.Errand",
        after=Span(days=7),  # should somebody ask back
        is_due=_is_due,
        forget=_forget,
        hourly=True,
        words=_("顺路任务里的姓名、地址和电话在办完 %(after)s后删"),
    ),
)
