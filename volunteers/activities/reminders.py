"""A word before the session: once per session and time, never in quiet hours."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from volunteers.activities import quiet_hours
from volunteers.activities.models.activities import Activity
from volunteers.activities.models.sessions import ActivitySession
from volunteers.activities.offers import is_joinable, locked
from yuanhang.core.outbox import notices

# After an outage the soonest sessions come first and the rest with the next runs.
SESSIONS_A_RUN = 50


def remind(now: datetime | None = None) -> int:
    """Remind the confirmed of sessions within REMINDER_HOURS; returns how many sessions.

    What began during an outage is left alone. Twins of the job do no harm: each session is
    taken under its lock and stamped.
    """
    now = now or timezone.now()
    until = now + timedelta(hours=settings.REMINDER_HOURS)
    announced = (Activity.State.PUBLISHED, Activity.State.CLOSED)
    due = ActivitySession.objects.filter(
        starts_at__gt=now,
        starts_at__lte=until,
        reminded_at__isnull=True,
        activity__state__in=announced,
    ).order_by("starts_at", "pk")
    keys = [
        pk
        for pk, starts_at in due.values_list("pk", "starts_at")
        if quiet_hours.tell_at(now, starts_at) <= now
    ]
    return sum(_remind(pk, now, until) for pk in keys[:SESSIONS_A_RUN])


def _remind(pk, now, until):
    with transaction.atomic():
        session = locked(pk)
        is_due = session.reminded_at is None and now < session.starts_at <= until
        if not is_due or not is_joinable(session):
            return False  # a twin was faster, or staff moved it meanwhile
        notices.send(
            [signup.user for signup in session.signups.confirmed().select_related("user")],
            "volunteers.reminder",
            # By both: moved away and back again, the old time needs its word once more.
            key=f"session:{session.pk}:{session.starts_at:%Y%m%d%H%M}:reminder:{now:%Y%m%d%H%M%S}",
            context={"session": session, "activity": session.activity},
            url=session.told_url(),
        )
        session.reminded_at = now
        session.save(update_fields=["reminded_at", "updated_at"])
    return True
