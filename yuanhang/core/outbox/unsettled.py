"""Administrators hear once a day of messages that nobody knows of, and of a month that is full."""

from datetime import datetime, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from yuanhang.core.models import User

from . import notices, sms_counts
from .models import Delivery

# A status report may still come.
PATIENCE = timedelta(hours=1)


def remind(now: datetime | None = None) -> int:
    """Tell each administrator, where there is something to tell; returns how many were told."""
    now = now or timezone.now()
    today = timezone.localdate(now)
    unknown = Delivery.objects.filter(
        state=Delivery.State.UNKNOWN, tried_at__lt=now - PATIENCE
    ).count()
    month, month_max = sms_counts.month_count(today), settings.SMS_MONTH_MAX
    is_full = bool(month_max) and month >= sms_counts.for_notices(month_max)
    if not unknown and not is_full:
        return 0
    told = notices.send(
        User.objects.filter(is_superuser=True, is_active=True),
        "core.unsettled",
        key=f"outbox:{today:%Y%m%d}",
        context={"unknown": unknown, "month": month if is_full else 0, "month_max": month_max},
        url=f"{reverse('admin:yuanhang_delivery_changelist')}?state__exact=unknown",
        supersedes=True,
    )
    return len(told)
