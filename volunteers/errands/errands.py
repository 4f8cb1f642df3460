"""Taking an errand on for half an hour, and what becomes of it.

The errand's row is locked by every verb. A lease that ran out counts as ended for everybody, also
before the job has come to write that down.
"""

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stations.postings.access import community_staff
from volunteers.activities import quiet_hours
from volunteers.errands.models import LEASE, PRIVATE, Errand, ErrandClaim
from volunteers.record.service_records import enter_errand
from yuanhang.core import audit
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.outbox import notices

State, Outcome = Errand.State, ErrandClaim.Outcome
RESERVED = timedelta(hours=2)
KEPT = timedelta(days=7)  # after the end, should somebody ask back


def _locked(errand_id):
    rows = Errand.objects.select_for_update(of=("self",)).select_related("community", "grid")
    return rows.get(pk=errand_id)


def _notify(people, errand, what, key, **context):
    # Kind and grid only: a notice lies on a phone's screen.
    notices.send(
        people,
        f"volunteers.{what}",
        key=f"errand:{errand.pk}:{key}",
        context={"errand": errand, **context},
        url=errand.get_absolute_url(),
    )


def _end(claim, outcome, *, by=None, note=""):
    claim.outcome, claim.ended_at, claim.note = outcome, timezone.now(), note
    claim.save()
    audit.record(f"volunteers.errand_{outcome}", claim, by=by, parent=claim.errand)


def _expire(errand):
    """End a lease that ran out; the row is locked by the caller. Returns how many ended."""
    ended = 0
    for claim in errand.claims.run_out().select_related("helper"):
        _end(claim, Outcome.EXPIRED)
        errand.state = State.OPEN
        errand.save(update_fields=["state", "updated_at"])
        _notify([claim.helper], errand, "errand_expired", f"{claim.pk}:expired")
        ended += 1
    return ended


def expire_leases(*, helper=None):
    """Put back what nobody finished in time; returns how many. Each errand under its own lock."""
    claims = ErrandClaim.objects.run_out()
    if helper is not None:
        claims = claims.filter(helper=helper)
    ids = sorted(set(claims.values_list("errand", flat=True)[:500]))
    ended = 0
    for errand_id in ids:
        with transaction.atomic():
            ended += _expire(_locked(errand_id))
    return ended


def claim(errand, *, by):
    """Take it on for 30 minutes; returns the claim. Taking it twice gives the same one.

    Raises NotAllowedNowError when somebody else has it, one has another in hand, it waits for its
    usual helper, or its day is past.
    """
    expire_leases(helper=by)
    try:
        with transaction.atomic():
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
            errand.state = State.CLAIMED
            errand.save(update_fields=["state", "updated_at"])
            audit.record("volunteers.errand_claim", claim, by=by, parent=errand)
    except IntegrityError:
        raise NotAllowedNowError(_("你手上还有一件，办完或还回去再接。")) from None
    return claim


def _too_late(errand):
    now = {"state": errand.get_state_display()}
    return NotAllowedNowError(_("已被他人处理，现在是「%(state)s」。") % now)


def _refuse_unless_free(errand, by):
    if errand.state != State.OPEN:
        raise _too_late(errand)
    if errand.due_on < timezone.localdate():
        raise NotAllowedNowError(_("这件已经过了日子。"))
    until = errand.asks_first(by)
    if until:
        said = f"{timezone.localtime(until):%H:%M}"
        raise NotAllowedNowError(_("先问常去的那位，%(t)s 以后大家都能接。") % {"t": said})


def _held(claim):
    """The errand and the claim, locked, with its lease still running."""
    errand = _locked(claim.errand_id)
    claim = errand.claims.select_related("helper").get(pk=claim.pk)
    claim.errand = errand
    if not claim.is_live:
        raise NotAllowedNowError(_("时间到了，任务已经放回去。还想办就再接一次。"))
    return errand, claim


@transaction.atomic
def extend_lease(claim, *, by):
    """Another 30 minutes, once. Raises NotAllowedNowError the second time, or when it ran out."""
    errand, claim = _held(claim)
    if claim.is_extended:
        raise NotAllowedNowError(_("已经延过一次了。办不完就还回去，别人接着办。"))
    claim.lease_until, claim.is_extended = claim.lease_until + LEASE, True
    claim.save()
    audit.record("volunteers.errand_extend", claim, by=by, parent=errand)
    return claim


@transaction.atomic
def release(claim, *, by):
    """Back to the list for somebody else; nobody is asked why."""
    errand, claim = _held(claim)
    _end(claim, Outcome.RETURNED, by=by)
    errand.state = State.OPEN
    errand.save(update_fields=["state", "updated_at"])
    return claim


@transaction.atomic
def finish(claim, *, by, note=""):
    """It is done; staff confirm it. From now on the address is closed again."""
    errand, claim = _held(claim)
    _end(claim, Outcome.DONE, by=by, note=note)
    errand.state = State.DONE
    errand.save(update_fields=["state", "updated_at"])
    _notify(community_staff(errand.community), errand, "staff_errand_done", f"{claim.pk}:done")
    return claim


@transaction.atomic
def confirm(errand, *, by):
    """Staff confirm; the minutes go to the ledger. Returns the claim.

    Raises NotAllowedNowError when it is not done, and for one's own errand.
    """
    errand = _locked(errand.pk)
    if errand.state != State.DONE:
        raise _too_late(errand)
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
    errand.state, errand.ended_at = State.CONFIRMED, timezone.now()
    errand.save()
    audit.record("volunteers.errand_confirm", claim, by=by, parent=errand)
    _notify([claim.helper], errand, "errand_confirmed", f"{claim.pk}:confirmed")
    return claim


@transaction.atomic
def reject_done(errand, *, by):
    """Staff found that it was not done after all: open again, and whoever said so is told.

    Raises NotAllowedNowError when it is not waiting to be confirmed.
    """
    errand = _locked(errand.pk)
    if errand.state != State.DONE:
        raise _too_late(errand)
    claim = errand.claims.select_related("helper").filter(outcome=Outcome.DONE).first()
    claim.outcome = Outcome.RETURNED
    claim.save(update_fields=["outcome"])
    errand.state = State.OPEN
    errand.save(update_fields=["state", "updated_at"])
    audit.record("volunteers.errand_put_back", claim, by=by, parent=errand)
    _notify([claim.helper], errand, "errand_put_back", f"{claim.pk}:put_back")
    return claim


@transaction.atomic
def cancel(errand, *, by):
    """Not needed any more; whoever has it in hand is told at once."""
    errand = _locked(errand.pk)
    if errand.state not in (State.OPEN, State.CLAIMED):
        raise _too_late(errand)
    for claim in errand.claims.filter(ended_at__isnull=True).select_related("helper"):
        _end(claim, Outcome.CANCELLED, by=by)
        _notify([claim.helper], errand, "errand_cancelled", f"{claim.pk}:cancelled")
    errand.state, errand.ended_at = State.CANCELLED, timezone.now()
    errand.save()
    audit.record("volunteers.errand_cancel", errand, by=by)
    return errand


CARRIED = (
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


def repeat_weekly(today=None):
    """Next week's errand a day before its time, its usual helper asked first; returns how many."""
    today = today or timezone.localdate()
    due = Errand.objects.filter(
        repeats_weekly=True, has_next=False, due_on__lte=today - timedelta(days=6)
    ).exclude(state=State.CANCELLED)
    made = 0
    for pk in list(due.order_by("pk").values_list("pk", flat=True)[:200]):
        with transaction.atomic():
            errand = _locked(pk)
            if errand.has_next:
                continue  # a twin of this job was faster
            new = Errand(repeats_weekly=True, due_on=errand.due_on)
            while new.due_on < today:  # weeks of an outage are not made up for
                new.due_on += timedelta(days=7)
            for name in CARRIED:
                setattr(new, name, getattr(errand, name))
            if new.preferred_id:
                now = timezone.now()
                new.reserved_until = (quiet_hours.quiet_until(now) or now) + RESERVED
            new.save()
            errand.has_next = True
            errand.save(update_fields=["has_next", "updated_at"])
            audit.record("volunteers.errand_repeat", new, parent=errand)
            if new.preferred_id:
                _notify([new.preferred], new, "errand_asked", "asked")
            made += 1
    return made


def erase_old(now=None):
    """Forget for whom and where, and what helpers said, a week after the end; returns how many.

    A week after its day as well where nobody ever came, or nobody confirmed.
    """
    now = now or timezone.now()
    is_over = Q(ended_at__lte=now - KEPT)
    is_past = Q(ended_at__isnull=True, due_on__lte=timezone.localdate(now - KEPT))
    old = Errand.objects.filter(is_over | is_past, erased_at__isnull=True)
    # A weekly one is forgotten once its successor carries what is needed.
    old = old.exclude(Q(repeats_weekly=True, has_next=False) & ~Q(state=State.CANCELLED))
    with transaction.atomic():
        ids = list(old.values_list("pk", flat=True))
        ErrandClaim.objects.filter(errand__in=ids).update(note="")
        return Errand.objects.filter(pk__in=ids).update(erased_at=now, **dict.fromkeys(PRIVATE, ""))
