"""Queue work of the floor: sending what notices left behind."""

from datetime import timedelta

from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone
from django_q.tasks import async_task

from yuanhang.core.outbox import sms
from yuanhang.core.outbox.models import Delivery

MAX_ATTEMPTS = 6
LEASE = timedelta(minutes=5)


def _claim(delivery_id):
    """Take the delivery for this process alone; None when another has it or it is done."""
    now = timezone.now()
    free = Q(state=Delivery.State.PENDING, due_at__lte=now) | Q(
        state=Delivery.State.SENDING, due_at__lte=now
    )
    changed = Delivery.objects.filter(free, pk=delivery_id).update(
        state=Delivery.State.SENDING, attempts=F("attempts") + 1, due_at=now + LEASE
    )
    if not changed:
        return None
    return Delivery.objects.select_related("notice__recipient").get(pk=delivery_id)


def deliver(delivery_id):
    """Send one delivery, once. A failed one waits longer each time, then gives up."""
    delivery = _claim(delivery_id)
    if delivery is None:
        return
    if delivery.attempts > MAX_ATTEMPTS:
        # Every try so far ended its process before it could count itself as failed.
        _postpone(delivery, sms.GatewayError())
        return
    notice = delivery.notice
    try:
        if delivery.channel != "sms":
            raise sms.GatewayError(f"unknown channel {delivery.channel}")
        gateway = sms.gateway()
        if gateway is None:
            raise sms.GatewayError("no SMS gateway is set")
        phone = delivery.address or notice.recipient.phone
        text = "\n".join(part for part in (notice.title, notice.body) if part)
        gateway.send(phone, f"{text}\n{settings.SITE_URL}{notice.url}" if notice.url else text)
    except (sms.GatewayError, OSError) as error:
        _postpone(delivery, error)
        return
    delivery.state, delivery.sent_at = Delivery.State.SENT, timezone.now()
    delivery.address = delivery.error = ""
    delivery.save()


def _postpone(delivery, error):
    """Try again in 1, 2, 4, 8, 16 minutes; the sweep picks it up."""
    last = delivery.attempts >= MAX_ATTEMPTS
    delivery.state = Delivery.State.FAILED if last else Delivery.State.PENDING
    delivery.due_at = timezone.now() + timedelta(minutes=2 ** (delivery.attempts - 1))
    # The kind of error, not its text: gateways like to repeat the phone number in it.
    delivery.error = type(error).__name__
    if last:
        delivery.address = ""
    delivery.save()


def sweep_deliveries():
    """Queue again what is due and was not sent: after an outage, or when a worker was killed."""
    due = Delivery.objects.filter(
        state__in=[Delivery.State.PENDING, Delivery.State.SENDING], due_at__lte=timezone.now()
    ).order_by("due_at")
    for pk in due.values_list("pk", flat=True)[:200]:
        async_task("yuanhang.core.outbox.tasks.deliver", pk)
