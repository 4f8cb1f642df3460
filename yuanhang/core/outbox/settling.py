"""What became of a message after it left: by a receipt of the gateway, or by a person."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from yuanhang.core import audit
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.jobs import enqueue
from yuanhang.core.models import User

from .channels import channel_of
from .models import Delivery, Receipt
from .sms import Report

State = Delivery.State
TASK = "yuanhang.core.outbox.tasks.deliver"
# What a person may send again, and what they may say of one that nobody knows of.
CAN_GO_AGAIN = (State.UNKNOWN, State.FAILED)
GONE = _("这条已经有结果了，没有改。")
NO_ADDRESS = _("号码已经删了，发不了了。")
# A later word counts only if it says more: reports come late, twice, and in any order.
STRENGTH = {State.SENT: 1, State.FAILED: 2, State.DELIVERED: 3}
OUTCOMES = {"sent": State.SENT, "failed": State.FAILED, "delivered": State.DELIVERED}


def take_reports(reports: Iterable[Report]) -> int:
    """Keep status reports and settle what they are about; returns how many were about something.

    A report may be here before the process that sent the message has stored its name: it is kept,
    and that process looks for it.
    """
    return sum(_take_report(report) for report in reports)


def _take_report(report: Report) -> bool:
    state, name = OUTCOMES.get(report.outcome), report.reference[:80]
    if state is None or not name:
        return False
    with transaction.atomic():
        Receipt.objects.get_or_create(
            reference=name, defaults={"state": state, "code": report.code[:40]}
        )
        kept = Receipt.objects.select_for_update().get(reference=name)
        if STRENGTH[state] > STRENGTH[kept.state]:
            kept.state, kept.code = state, report.code[:40]
            kept.save(update_fields=["state", "code"])
    return _apply(kept, Q(reference=name) | Q(outside_id=name) | _earlier_try(name, state))


def _earlier_try(name: str, state: str) -> Q:
    """A message of ours whose earlier try arrived after all: it need not be sent again."""
    pk, dash, _rest = name.partition("-")
    if state == State.DELIVERED and dash and pk.isascii() and pk.isdigit() and len(pk) < 19:
        return Q(pk=int(pk), channel="sms", reference__startswith=f"{pk}-")
    return Q(pk__in=[])


def apply_waiting(delivery: Delivery, outside_id: str) -> None:
    """Settle a delivery by receipts that came before its names were stored."""
    names = [name for name in (delivery.reference, outside_id) if name]
    for kept in Receipt.objects.filter(reference__in=names):
        _apply(kept, Q(pk=delivery.pk))


def _apply(receipt: Receipt, which: Q) -> bool:
    with transaction.atomic():
        row = Delivery.objects.select_for_update(of=("self",)).filter(which).first()
        if row is None:
            return False
        now = timezone.now()
        if receipt.state == State.DELIVERED and row.state != State.DELIVERED:
            _write(row, State.DELIVERED, "", sent_at=row.sent_at or now)
        elif receipt.state == State.SENT and row.state == State.UNKNOWN:
            _write(row, State.SENT, "", sent_at=row.tried_at or now)
        elif receipt.state == State.FAILED and row.state in (
            State.SENDING,
            State.SENT,
            State.UNKNOWN,
        ):
            _write(row, State.FAILED, f"receipt: {receipt.code}", sent_at=None)
    return True


def _write(row: Delivery, state: str, error: str, sent_at: datetime | None) -> None:
    row.state, row.error, row.sent_at = state, error[:200], sent_at
    if state in (State.SENT, State.DELIVERED):
        row.address = ""
    row.save(update_fields=["state", "error", "sent_at", "address"])


def send_again(delivery: Delivery, *, by: User) -> Delivery:
    """A person wants it sent again, knowing that it may arrive twice.

    Raises NotAllowedNowError where it has arrived, is on its way, or has nobody to go to any more.
    """
    with transaction.atomic():
        row = _locked(delivery, CAN_GO_AGAIN)
        if row.notice_id and not row.address and row.notice.recipient_id is None:
            raise NotAllowedNowError(NO_ADDRESS)
        row.state, row.error, row.deaths = State.PENDING, "", 0
        row.asked_at = row.due_at = timezone.now()
        row.save(update_fields=["state", "error", "deaths", "asked_at", "due_at"])
        audit.record("core.delivery_again", row, by=by)
        enqueue(TASK, row.pk, queue=channel_of(row.channel).queue)
    return row


def settle(delivery: Delivery, *, by: User, arrived: bool) -> Delivery:
    """A person has found out what became of one that nobody knew of.

    Raises NotAllowedNowError where that is known already.
    """
    with transaction.atomic():
        row = _locked(delivery, (State.UNKNOWN,))
        state = State.DELIVERED if arrived else State.FAILED
        when = (row.tried_at or timezone.now()) if arrived else None
        _write(row, state, "", sent_at=when)
        audit.record("core.delivery_settled", row, by=by, changes={"arrived": arrived})
    return row


def _locked(delivery: Delivery, states: Iterable[str]) -> Delivery:
    rows = Delivery.objects.select_for_update(of=("self",)).select_related("notice")
    row = rows.filter(pk=delivery.pk).first()
    if row is None or row.state not in states:
        raise NotAllowedNowError(GONE)
    return row
