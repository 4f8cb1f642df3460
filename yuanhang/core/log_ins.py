"""How long people stay logged in: 90 days for riders, hours for who sees others' data."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils import timezone

from yuanhang.core.models import User
from yuanhang.core.signals import session_hours_wanted

SESSIONS_A_PIECE = 2000


def limit_session(request: HttpRequest, user: User) -> None:
    """Set how long the session of this request lives; at log-in."""
    request.session.set_expiry(_limit(user))


def shorten_sessions(user: User) -> int:
    """Bring the sessions that are open to what a log-in would give now; returns how many.

    For whoever is given a post or enters the admin while logged in, on a phone that others use.
    Never makes one longer. Sessions do not say whose they are, so all long ones are read: 20,000
    of them take about half a second, and a post is given a few times a year.
    """
    limit = _limit(User.objects.get(pk=user.pk))  # anew: a scope read before may lie on the object
    shortened = 0
    for session, data in _sessions_of(user, longer_than=_moment(limit)):
        data["_session_expiry"] = _stored(limit)
        session.session_data = session.get_session_store_class()().encode(data)
        session.expire_date = _moment(limit)
        session.save(update_fields=["session_data", "expire_date"])
        shortened += 1
    return shortened


def end_sessions(user: User) -> int:
    """Log somebody out everywhere; returns from how many browsers."""
    ended = [session.pk for session, _data in _sessions_of(user, longer_than=timezone.now())]
    Session.objects.filter(pk__in=ended).delete()
    return len(ended)


def _sessions_of(user: User, *, longer_than: datetime) -> list[tuple[Session, dict[str, Any]]]:
    rows = Session.objects.filter(expire_date__gt=longer_than).order_by("pk")
    found, after = [], ""
    # In pieces, by key: a cursor on the server is not to be had behind every pooler.
    while piece := list(rows.filter(pk__gt=after)[:SESSIONS_A_PIECE]):
        decoded = ((row, row.get_decoded()) for row in piece)
        found += [(row, data) for row, data in decoded if data.get(SESSION_KEY) == str(user.pk)]
        after = piece[-1].pk
    return found


def _limit(user: User) -> int | datetime:
    """Seconds from the session's last change, or the moment at which it ends if that is sooner."""
    answers = [answer for _receiver, answer in session_hours_wanted.send(User, user=user) if answer]
    if user.is_staff or user.is_superuser:
        answers.append(settings.STAFF_SESSION_HOURS)
    hours = [answer for answer in answers if not isinstance(answer, datetime)]
    seconds = min(hours, default=settings.RIDER_SESSION_DAYS * 24) * 3600
    return min([seconds, *(a for a in answers if isinstance(a, datetime))], key=_moment)


def _moment(limit: int | datetime) -> datetime:
    return limit if isinstance(limit, datetime) else timezone.now() + timedelta(seconds=limit)


def _stored(limit: int | datetime) -> int | str:
    """As `set_expiry` keeps it in the session's data."""
    return limit.isoformat() if isinstance(limit, datetime) else limit
