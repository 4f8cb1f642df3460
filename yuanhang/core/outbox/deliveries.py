"""The outbox: messages leave by lease, with growing pauses, by whatever channel.

A delivery is stored in the transaction it tells about and queued in the same database, so a
rolled-back change takes both with it, and nothing leaves before the commit.

Nothing is given up before it is too old. A try whose outcome nobody knows is no failure: a channel
that sends at least once tries again, any other waits for a receipt or a person (`settling.py`).
"""

import logging
import secrets
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from yuanhang.core.jobs import enqueue, enqueue_all, queued_arguments

from . import parties, settling, sms_counts
from .channels import (
    Channel,
    RefusedError,
    RetryLaterError,
    UnknownOutcomeError,
    all_channels,
    channel_of,
)
from .models import Delivery, Receipt

logger = logging.getLogger(__name__)

State = Delivery.State
# Pauses of 1, 2, 4, 8 minutes, and from then on of a quarter of an hour.
LONGEST_PAUSE = timedelta(minutes=15)
# A message that ended so many processes is not the next one's.
DEATHS_MAX = 3
# A process that sends holds a delivery so long; then another one may take it.
LEASE = timedelta(minutes=5)
# So many are queued again by one run of the sweep; the next one follows in a minute.
SWEPT_A_RUN = 500
# A guest's number stays with what did not arrive, for whoever sends it again.
ADDRESS_KEPT = timedelta(days=7)
RECEIPTS_KEPT = timedelta(days=7)
TASK = "yuanhang.core.outbox.tasks.deliver"


def put(
    channel: str,
    *,
    key: str = "",
    target: str = "",
    text: str = "",
    notice: models.Model | None = None,
    address: str = "",
    template: str = "",
    variables: dict[str, str] | None = None,
) -> Delivery | None:
    """Store one delivery and queue it; None where the same one is stored already.

    It carries a `notice`, or a `text` under a `key` that is unique for the channel and its
    `target`. `template` and `variables` are what an SMS says. `address` is erased once the message
    has left, or a week after it has not.
    """
    identity: dict[str, Any] = {"channel": channel, "target": target}
    identity |= {"notice": notice} if notice else {"key": key[:120]}
    said = {"text": text, "template": template, "variables": variables or {}}
    delivery, is_new = Delivery.objects.get_or_create(
        **identity, defaults=said | {"address": address}
    )
    if not is_new:
        return None
    enqueue(TASK, delivery.pk, queue=channel_of(channel).queue)
    return delivery


def put_new(parcels: Sequence[dict[str, Any]]) -> None:
    """Store deliveries of notices that this transaction has stored itself, and queue them.

    Each has the fields that `put` takes. A statement for all of them, and one for their calls.
    """
    if not parcels:
        return
    rows = Delivery.objects.bulk_create([Delivery(**parcel) for parcel in parcels])
    calls = [(channel_of(row.channel).queue, (row.pk,)) for row in rows]
    enqueue_all(TASK, calls)


def deliver(delivery_id: int) -> str | None:
    """Send one delivery; returns what became of it, None where it was not ours to send, or not now.

    At most once, or at least once, as its channel says.
    """
    delivery = _claim(delivery_id)
    if delivery is None:
        return None
    channel = channel_of(delivery.channel)
    party, started = channel.party(delivery), time.monotonic()
    try:
        outside_id = channel.send(delivery)
    except RefusedError as error:
        channel.not_sent(delivery)
        parties.wake(party)
        return _end(delivery, State.FAILED, str(error))
    except RetryLaterError as error:
        channel.not_sent(delivery)
        if error.party_rests:
            rested = parties.rest(party, str(error), time.monotonic() - started)
            return _try_again(delivery, str(error), rested)
        parties.wake(party)
        return _try_again(delivery, str(error))
    except UnknownOutcomeError as error:
        rested = parties.rest(party, str(error), time.monotonic() - started)
        if channel.at_least_once:
            return _try_again(delivery, str(error), rested)
        return _end(delivery, State.UNKNOWN, str(error))
    parties.wake(party)
    state = _end(delivery, State.SENT, "", sent_at=timezone.now(), outside_id=outside_id or "")
    settling.apply_waiting(delivery, outside_id or "")
    return state


def _claim(delivery_id: int) -> Delivery | None:
    """Take the delivery for this process alone; None when it is not ours to send, or not now."""
    with transaction.atomic():
        free = Delivery.objects.free(timezone.now()).select_related("notice__recipient")
        locked = free.select_for_update(of=("self",), skip_locked=True)
        delivery = locked.filter(pk=delivery_id).first()
        if delivery is None:
            return None
        channel = channel_of(delivery.channel)
        if _ends_unsent(delivery, channel):
            return None
        admission = channel.admission(delivery)
        now = timezone.now()  # the channel may have waited for a lock of its own
        if admission.refusal:
            _note(delivery, state=State.FAILED, error=admission.refusal[:200], address="")
            return None
        not_before = admission.not_before or parties.rests_until(channel.party(delivery), now)
        if not_before:
            if not admission.not_before:
                delivery.tried_at = now
                channel.not_sent(delivery)
            # Not an attempt: nothing went wrong.
            reason = admission.reason or delivery.error
            _note(delivery, state=State.PENDING, due_at=not_before, error=reason)
            return None
        attempts = delivery.attempts + 1
        _note(
            delivery,
            state=State.SENDING,
            attempts=attempts,
            due_at=now + LEASE,
            tried_at=now,
            reference=f"{delivery.pk}-{attempts}-{secrets.token_hex(4)}",
            outside_id="",
        )
    return delivery


def _ends_unsent(delivery: Delivery, channel: Channel) -> bool:
    """Too old, or taken by a process that ended without a word; True where it is not sent now."""
    if delivery.state == State.SENDING:
        deaths = delivery.deaths + 1
        if not channel.at_least_once:
            _note(delivery, state=State.UNKNOWN, deaths=deaths, error="the process ended")
            return True
        if deaths >= DEATHS_MAX:
            logger.warning("Delivery %s is given up: the process ended each time", delivery.pk)
            error = "the process ended each time"
            _note(delivery, state=State.FAILED, deaths=deaths, error=error, address="")
            return True
        _note(delivery, deaths=deaths)
    if channel.too_old and delivery.asked_at < timezone.now() - channel.too_old:
        _note(delivery, state=State.FAILED, error="too old")
        return True
    return False


def _note(delivery: Delivery, **fields: Any) -> None:
    """Write down what is true of a delivery whose row this transaction holds."""
    for name, value in fields.items():
        setattr(delivery, name, value)
    delivery.save(update_fields=list(fields))


def _try_again(delivery: Delivery, error: str, rested: datetime | None = None) -> str:
    """In 1, 2, 4 minutes and so on, not before the other side has rested; the sweep picks it up."""
    pause = min(timedelta(minutes=2 ** min(delivery.attempts - 1, 10)), LONGEST_PAUSE)
    due_at = max(timezone.now() + pause, rested or timezone.now())
    return _end(delivery, State.PENDING, error, due_at=due_at)


def _end(delivery: Delivery, state: str, error: str, **fields: datetime | str) -> str:
    """Write down how a try ended, unless another process or a receipt has said so meanwhile."""
    if state in (State.FAILED, State.UNKNOWN):
        logger.warning("Delivery %s ends as %s: %s", delivery.pk, state, error)
    if state == State.SENT:
        fields |= {"address": ""}
    Delivery.objects.filter(pk=delivery.pk, state=State.SENDING, attempts=delivery.attempts).update(
        state=state, error=error[:200], **fields
    )
    return str(state)


def sweep() -> int:
    """Queue again what is due and not queued: after an outage, or when a worker was killed.

    What waited too long for its channel is given up, unsent. Returns how many were queued.
    """
    now = timezone.now()
    Delivery.objects.bring_near(now)
    parties.bring_near(now)
    for channel in all_channels():
        if channel.too_old:
            late = Delivery.objects.overdue(now, channel.too_old).filter(channel=channel.name)
            late.update(state=State.FAILED, error="too old")
    free = Delivery.objects.free(now).order_by("due_at").values_list("pk", "channel")
    # In this order: what is sent in between is queued once too often, and never too seldom.
    due, queued = list(free[: SWEPT_A_RUN * 4]), queued_arguments(TASK)
    missing = [(pk, name) for pk, name in due if (pk,) not in queued][:SWEPT_A_RUN]
    for pk, name in missing:
        enqueue(TASK, pk, queue=channel_of(name).queue)
    return len(missing)


def purge() -> int:
    """Delete what left, or was given up, longer ago than its channel keeps it; returns how many.

    With it go the numbers of guests, old receipts and old counts.
    """
    now = timezone.now()
    ended = Delivery.objects.exclude(state__in=[State.PENDING, State.SENDING])
    ended.filter(asked_at__lt=now - ADDRESS_KEPT).exclude(address="").update(address="")
    count = 0
    for channel in all_channels():
        if channel.kept:
            old = ended.filter(channel=channel.name, created_at__lt=now - channel.kept)
            count += old.delete()[0]
    Receipt.objects.filter(arrived_at__lt=now - RECEIPTS_KEPT).delete()
    sms_counts.forget_old(now)
    return count
