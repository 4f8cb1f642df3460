"""Going to somebody who asked for help, and what becomes of the request.

The request's row is locked by every verb. A lease that ran out counts as ended for everybody, also
before the job has come to write that down.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from workers.help import notifications
from workers.help.access import can_keep, can_take
from workers.help.duty import duty_of
from workers.help.models import LEASE, HelpRequest, HelpTake
from workers.help.places import forget_place
from workers.help.transitions import ASKER, CLOCK, DEACTIVATION, HELP, HELPER, KEEPER
from yuanhang.core import audit, people
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.locked_transitions import carry_out, check
from yuanhang.core.models import User

State, End, Outcome = HelpRequest.State, HelpRequest.End, HelpTake.Outcome
# 「还要人帮吗」 is asked so long after the call, once.
QUESTION_AFTER = timedelta(hours=1)
# So long an answer is waited for; then it is closed, and the page says so.
ANSWER_WITHIN = timedelta(minutes=30)
# Whoever says that it is still needed is waited for so much longer, and no question comes again.
STILL_NEEDED_FOR = timedelta(hours=3)
A_RUN = 200  # rows that one run of a job looks at; the next run takes the rest


def _locked(pk: int) -> HelpRequest:
    rows = HelpRequest.objects.select_for_update(of=("self",))
    return rows.select_related("community", "grid", "station").get(pk=pk)


def _move(row: HelpRequest, verb: str, capacity: str, by: Any, **options: Any) -> None:
    """One transition of a locked request."""
    carry_out(HELP, row, verb, by=by, capacity=capacity, is_locked=True, **options)


def _of_take(row: HelpRequest, verb: str, capacity: str, take: HelpTake, by: Any) -> None:
    """One transition of a locked request, whose trail is about who goes."""
    _move(row, verb, capacity, by, about=lambda _row: take, parent=row)


def _end(take: HelpTake, outcome: str) -> None:
    take.outcome, take.ended_at = outcome, timezone.now()
    take.save(update_fields=["outcome", "ended_at"])


def _standing(row: HelpRequest) -> HelpTake | None:
    """Who is on the way to a locked request by its rows, lease or no lease."""
    take = row.takes.filter(ended_at__isnull=True).select_related("helper").first()
    if take is not None:
        take.request = row
    return take


def _expire(row: HelpRequest) -> int:
    """End a lease that ran out; the row is locked by the caller. Returns how many ended."""
    take = _standing(row)
    if take is None or take.is_live:
        return 0
    _end(take, Outcome.EXPIRED)
    _of_take(row, "expire", CLOCK, take, None)
    notifications.expired(take, duty_of(row.community).recipients)
    return 1


def expire_leases(*, helper: User | None = None) -> int:
    """Set free what nobody reached in time; returns how many. Each request under its own lock."""
    takes = HelpTake.objects.run_out()
    if helper is not None:
        takes = takes.filter(helper=helper)
    ended = 0
    for pk in sorted(set(takes.values_list("request", flat=True)[:A_RUN])):
        with transaction.atomic():
            ended += _expire(_locked(pk))
    return ended


def take(request: HelpRequest, *, by: User) -> HelpTake:
    """我去: on the way for 30 minutes; returns the take. Saying so twice gives the same one.

    Raises NotAllowedNowError when somebody else goes, the asker wants it no more, or one is on the
    way to another; and as `people.hold`.
    """
    expire_leases(helper=by)
    try:
        with transaction.atomic():
            people.hold(by)
            row = _locked(request.pk)
            _expire(row)
            own = row.takes.filter(helper=by, ended_at__isnull=True).first()
            if own:
                return own
            as_keeper = row.asker_id != by.pk and can_keep(by, row)
            capacity = KEEPER if as_keeper else HELPER
            check(HELP, row, "take", capacity=capacity)
            # Asked again under the lock: the asker may have taken it back a moment ago.
            if not as_keeper and not can_take(by, row):
                raise NotAllowedNowError(_("已经不用附近的人去了，谢谢你。"))
            now = timezone.now()
            made = HelpTake.objects.create(
                request=row, helper=by, as_keeper=as_keeper, taken_at=now, lease_until=now + LEASE
            )
            if row.closes_at:
                row.closes_at = max(row.closes_at, made.lease_until)
            _of_take(row, "take", capacity, made, by)
            notifications.taken(made)
    except IntegrityError:
        raise NotAllowedNowError(_("已经有一件在你手上，先去那一件，或者先说去不了。")) from None
    return made


def _held(take: HelpTake) -> tuple[HelpRequest, HelpTake]:
    """The request and the take, locked, with its lease still running."""
    row = _locked(take.request_id)
    take = row.takes.select_related("helper").get(pk=take.pk)
    take.request = row
    if not take.is_live:
        raise NotAllowedNowError(_("已经不在你手上了：过了半小时，或者对方不用了。"))
    return row, take


def _capacity(take: HelpTake) -> str:
    return KEEPER if take.as_keeper else HELPER


@transaction.atomic
def release(take: HelpTake, *, by: User) -> HelpTake:
    """Cannot come after all; nobody is asked why. Raises NotAllowedNowError when it ran out."""
    row, take = _held(take)
    _end(take, Outcome.RETURNED)
    _of_take(row, "release", _capacity(take), take, by)
    notifications.left(take)
    return take


@transaction.atomic
def finish(take: HelpTake, *, by: User) -> HelpTake:
    """The helper says it is done; the asker has the last word, until a stated time.

    From now on the place is closed to the helper. Raises NotAllowedNowError when the lease ran
    out: another may be on the way by then, and keeps it.
    """
    row, take = _held(take)
    now = timezone.now()
    _end(take, Outcome.DONE)
    row.questioned_at, row.closes_at = now, now + ANSWER_WITHIN
    _of_take(row, "finish", HELPER, take, by)
    notifications.questioned(row)
    return take


@transaction.atomic
def free_all(user: User, *, by: User) -> None:
    """Set free what somebody who was deactivated goes to. The caller holds the person."""
    takes = HelpTake.objects.filter(helper=user, ended_at__isnull=True)
    for pk in sorted(takes.values_list("request", flat=True)):
        row = _locked(pk)
        take = _standing(row)
        if take is not None and take.helper_id == user.pk:
            _end(take, Outcome.RETURNED)
            _of_take(row, "free", DEACTIVATION, take, by)
            notifications.left(take)


# --- what the asker says --------------------------------------------------------------------


@transaction.atomic
def refuse(request: HelpRequest, *, by: User | None) -> HelpRequest:
    """Not this helper: what they saw closes to them at once, and they are not asked again.

    `by` is None for a guest with the receipt. Raises NotAllowedNowError when no neighbour is on
    the way.
    """
    row = _locked(request.pk)
    _expire(row)
    _send_home(row, by)
    return row


def _send_home(row, by):
    take = _standing(row)
    if take is not None and take.as_keeper:
        raise NotAllowedNowError(_("已经是驿站的人在管。不用了就点「不用了」。"))
    check(HELP, row, "refuse", capacity=ASKER)
    if take is None:
        raise NotAllowedNowError(_("已经没有人在路上了。"))
    _end(take, Outcome.REFUSED)
    _of_take(row, "refuse", ASKER, take, by)
    notifications.sent_home(take)


@transaction.atomic
def keep_private(request: HelpRequest, *, by: User | None) -> HelpRequest:
    """The yes to neighbours is taken back: whoever of them is on the way sees nothing any more.

    Raises NotAllowedNowError where it was not given, or is over.
    """
    row = _locked(request.pk)
    _expire(row)
    if not row.asks_neighbours:
        raise NotAllowedNowError(_("已经只有驿站知道了。"))
    take = _standing(row)
    if take is not None and not take.as_keeper:
        _send_home(row, by)
    row.asks_neighbours = False
    _move(row, "keep_private", ASKER, by)
    return row


@transaction.atomic
def still_needed(request: HelpRequest, *, by: User | None) -> HelpRequest:
    """「还要人」: open for three hours more, and whoever is on duty hears it.

    Raises NotAllowedNowError where nobody asked, or it is over.
    """
    row = _locked(request.pk)
    _expire(row)
    check(HELP, row, "still_needed", capacity=ASKER)
    if row.questioned_at is None:
        raise NotAllowedNowError(_("已经在等人了，还没到问你的时候。"))
    row.closes_at = timezone.now() + STILL_NEEDED_FOR
    _move(row, "still_needed", ASKER, by)
    notifications.still_needed(row, duty_of(row.community).recipients)
    return row


# --- how it ends ----------------------------------------------------------------------------


@transaction.atomic
def close(request: HelpRequest, *, by: User | None, end: str) -> HelpRequest:
    """The asker (a guest: `by` None), or a keeper, says that it is over; `end` is an `End`.

    The place goes at once, but for its grid. Raises NotAllowedNowError where it is over already.
    """
    row = _locked(request.pk)
    _expire(row)
    _close(row, "close", KEEPER if end == End.KEEPER else ASKER, by, end)
    return row


def _close(row, verb, capacity, by, end):
    check(HELP, row, verb, capacity=capacity)
    take = _standing(row)
    if take is not None:
        _end(take, Outcome.CLOSED)
    forget_place(row)
    row.ended_at, row.end = timezone.now(), end
    _move(row, verb, capacity, by)
    notifications.ended(row, take, by=by)


@transaction.atomic
def answer(request: HelpRequest, *, text: str, by: User) -> HelpRequest:
    """A word of the keeper's to the asker. Raises NotAllowedNowError where it is over."""
    row = _locked(request.pk)
    check(HELP, row, "answer", capacity=KEEPER)
    row.answer, row.answered_at = text, timezone.now()
    _move(row, "answer", KEEPER, by)
    notifications.answered(row)
    return row


def ask_again(now: datetime | None = None) -> int:
    """Ask once after an hour whether help is still needed; returns how many were asked."""
    now, count = now or timezone.now(), 0
    due = HelpRequest.objects.unended().filter(
        questioned_at__isnull=True, asked_at__lte=now - QUESTION_AFTER
    )
    for pk in list(due.order_by("asked_at").values_list("pk", flat=True)[:A_RUN]):
        with transaction.atomic():
            row = _locked(pk)
            _expire(row)
            if row.ended_at or row.questioned_at:
                continue  # a twin of this job, or the asker, was faster
            take = _standing(row)
            row.questioned_at, row.closes_at = now, now + ANSWER_WITHIN
            if take is not None:
                row.closes_at = max(row.closes_at, take.lease_until)
            _move(row, "question", CLOCK, None)
            notifications.questioned(row)
            count += 1
    return count


def lapse(now: datetime | None = None) -> int:
    """Close what nobody answered for until its stated time; returns how many."""
    now, count = now or timezone.now(), 0
    due = HelpRequest.objects.unended().filter(closes_at__lte=now)
    for pk in list(due.order_by("asked_at").values_list("pk", flat=True)[:A_RUN]):
        with transaction.atomic():
            row = _locked(pk)
            if row.ended_at or row.closes_at is None or row.closes_at > now:
                continue
            _expire(row)
            _close(row, "lapse", CLOCK, None, End.NO_ANSWER)
            count += 1
    return count


# --- what was seen --------------------------------------------------------------------------


def note_look(take: HelpTake, *, by: User, what: str = "help_place_seen") -> None:
    """A helper or keeper was shown place and words (`help_file_seen`: voice or a photo)."""
    audit.record(f"workers.{what}", take, by=by, role=_capacity(take), parent=take.request)


def note_keepers_look(request: HelpRequest, *, by: User, what: str = "help_place_seen") -> None:
    """The same of a keeper, who sees it by their post and need not be on the way."""
    audit.record(f"workers.{what}", request, by=by, role=KEEPER)
