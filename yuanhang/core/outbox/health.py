"""How the outbox is: for the page that says whether everything is well."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Min
from django.utils import timezone

from . import sms_counts
from .models import Delivery, Party


@dataclass(frozen=True)
class OutboxState:
    """What of the outbox is worth a look.

    `failing` are the other sides that do not answer, `failing_for` the longest such time; `late`
    is how long the oldest message has waited, `unknown` how many wait for a person; `month` of
    `month_max` SMS were sent this month (0: no limit).
    """

    failing: tuple[str, ...]
    failing_for: timedelta
    late: timedelta
    unknown: int
    month: int
    month_max: int


def outbox_state(now: datetime | None = None) -> OutboxState:
    """The state at this moment, in four questions."""
    now = now or timezone.now()
    tired = list(Party.objects.filter(failures__gt=0).order_by("failing_since"))
    waiting = Delivery.objects.filter(state__in=[Delivery.State.PENDING, Delivery.State.SENDING])
    oldest = waiting.filter(due_at__lte=now).aggregate(oldest=Min("asked_at"))["oldest"]
    return OutboxState(
        failing=tuple(party.key for party in tired),
        failing_for=now - tired[0].failing_since if tired else timedelta(),
        late=now - oldest if oldest else timedelta(),
        unknown=Delivery.objects.filter(state=Delivery.State.UNKNOWN).count(),
        month=sms_counts.month_count(timezone.localdate(now)),
        month_max=settings.SMS_MONTH_MAX,
    )
