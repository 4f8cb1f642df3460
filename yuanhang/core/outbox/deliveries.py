"""The outbox: one message leaves once, by lease, with growing pauses, by whatever channel.

A delivery is stored in the transaction it tells about and queued in the same database, so a
rolled-back change takes both with it, and nothing leaves before the commit.
"""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.db import models, transaction
from django.db.models import F
from django.utils import timezone
from django_q.tasks import async_task

from .channels import RefusedError, RetryLaterError, all_channels, channel_of
from .models import Delivery

logger = logging.getLogger(__name__)

State = Delivery.State
ATTEMPTS_MAX = 6
# A process that sends holds a delivery so long; then another one may take it.
LEASE = timedelta(minutes=5)
# So many are queued again by one run of the sweep; the next one follows in a minute.
SWEPT_A_RUN = 200
TASK = "yuanhang.core.outbox.tasks.deliver"


def put(
    channel: str,
    *,
    key: str = "",
    target: str = "",
    text: str = "",
    notice: models.Model | None = None,
    address: str = "",
) -> Delivery | None:
    """Store one delivery and queue it; None where the same one is stored already.

    It carries a `notice`, or a `text` under a `key` that is unique for the channel and its
    `target`. `address` is erased once the message has left or was given up.
    """
    identity: dict[str, Any] = {"channel": channel, "target": target}
    identity |= {"notice": notice} if notice else {"key": key[:120]}
    delivery, is_new = Delivery.objects.get_or_create(
        **identity, defaults={"text": text, "address": address}
    )
    if not is_new:
        return None
    async_task(TASK, delivery.pk)
    return delivery


def deliver(delivery_id: int) -> str | None:
    """Send one delivery, once; returns what became of it, None where it was not ours to send."""
    delivery = _claim(delivery_id)
    if delivery is None:
        return None
    if delivery.attempts > ATTEMPTS_MAX:
        # Every try so far ended its process before it could count itself as failed.
        return _end(delivery, State.FAILED, "the process ended each time")
    try:
        channel_of(delivery.channel).send(delivery)
    except RefusedError as error:
        return _end(delivery, State.FAILED, str(error))
    except RetryLaterError as error:
        if delivery.attempts >= ATTEMPTS_MAX:
            return _end(delivery, State.FAILED, str(error))
        # In 1, 2, 4, 8, 16 minutes; the sweep picks it up.
        wait = timedelta(minutes=2 ** (delivery.attempts - 1))
        return _end(delivery, State.PENDING, str(error), due_at=timezone.now() + wait)
    return _end(delivery, State.SENT, "", sent_at=timezone.now())


def _claim(delivery_id: int) -> Delivery | None:
    """Take the delivery for this process alone; None when it is not ours to send, or not now."""
    with transaction.atomic():
        waiting = Delivery.objects.filter(pk=delivery_id).first()
        if waiting is None:
            return None
        channel = channel_of(waiting.channel)
        admission = channel.admission(waiting, timezone.now())
        now = timezone.now()  # the channel may have waited for a lock of its own
        free = Delivery.objects.free(now).filter(pk=delivery_id)
        if channel.too_old and _give_up(free.filter(created_at__lt=now - channel.too_old)):
            return None
        if admission.refusal:
            free.update(state=State.FAILED, error=admission.refusal[:200], address="")
            return None
        if admission.not_before:
            # Not an attempt: nothing went wrong.
            free.update(state=State.PENDING, due_at=admission.not_before)
            return None
        claimed = free.update(state=State.SENDING, attempts=F("attempts") + 1, due_at=now + LEASE)
        if not claimed:
            return None
    return Delivery.objects.select_related("notice__recipient").get(pk=delivery_id)


def _give_up(stale: models.QuerySet) -> int:
    return stale.update(state=State.FAILED, error="too old", address="")


def _end(delivery: Delivery, state: str, error: str, **fields: datetime) -> str:
    """Write down how a try ended, unless the lease is over and another process has it."""
    if state == State.FAILED:
        logger.warning("Delivery %s is given up: %s", delivery.pk, error)
    if state in (State.FAILED, State.SENT):
        fields |= {"address": ""}  # type: ignore[dict-item]
    Delivery.objects.filter(pk=delivery.pk, state=State.SENDING, attempts=delivery.attempts).update(
        state=state, error=error[:200], **fields
    )
    return str(state)


def sweep() -> int:
    """Queue again what is due and was not sent: after an outage, or when a worker was killed.

    What waited too long for its channel is given up, unsent. Returns how many were queued.
    """
    now = timezone.now()
    free = Delivery.objects.free(now)
    for channel in all_channels():
        if channel.too_old:
            _give_up(free.filter(channel=channel.name, created_at__lt=now - channel.too_old))
    keys = list(free.order_by("due_at").values_list("pk", flat=True)[:SWEPT_A_RUN])
    for pk in keys:
        async_task(TASK, pk)
    return len(keys)


def purge() -> int:
    """Delete what left, or was given up, longer ago than its channel keeps it; returns how many."""
    ended = Delivery.objects.filter(state__in=[State.SENT, State.FAILED])
    count = 0
    for channel in all_channels():
        if channel.kept:
            old = ended.filter(channel=channel.name, created_at__lt=timezone.now() - channel.kept)
            count += old.delete()[0]
    return count
