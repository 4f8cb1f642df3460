"""Whether somebody who was out late comes to rest before the next session: said, never refused."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from volunteers.activities.access import Viewer
from volunteers.activities.models.activities import Activity
from volunteers.activities.models.sessions import ActivitySession
from volunteers.activities.models.signups import SignUp
from yuanhang.core.words import clock

REST = timedelta(hours=8)
LATE_FROM, LATE_UNTIL = 21, 5  # o'clock: a session that ends in between ended late


def _is_late(moment: datetime) -> bool:
    hour = timezone.localtime(moment).hour
    return hour >= LATE_FROM or hour < LATE_UNTIL


def short_rests(sessions: Sequence[ActivitySession], user: Viewer) -> dict[int, str]:
    """By session, the sentence for who holds a place that ends late and less than `REST` before.

    One query; none for guests and for sessions that begin in the evening, after a day's rest.
    """
    if not user.is_authenticated or not sessions:
        return {}
    first, last = min(s.starts_at for s in sessions), max(s.starts_at for s in sessions)
    held = SignUp.objects.holding().filter(
        user=user, session__ends_at__gt=first - REST, session__ends_at__lte=last
    )
    held = held.exclude(session__activity__state=Activity.State.CANCELLED)
    ends = [end for end in held.values_list("session__ends_at", flat=True) if _is_late(end)]
    return {
        session.pk: _before(session, ends)
        for session in sessions
        if any(timedelta(0) <= session.starts_at - end < REST for end in ends)
    }


def _before(session, ends):
    end = max(end for end in ends if end <= session.starts_at)
    facts = {"end": clock(end), "hours": REST // timedelta(hours=1)}
    return _("你前一场 %(end)s 才结束，中间歇不够 %(hours)d 小时。量力而行。") % facts
