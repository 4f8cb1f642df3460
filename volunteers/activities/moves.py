"""A session got another time: what hangs on the old one follows, and everybody hears what it means.

An offer's deadline and the moment of its telling never lie behind the start. Who now is expected
at two places at once is told so; nobody is thrown out for it.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from volunteers.activities import quiet_hours
from volunteers.activities.models.sessions import ActivitySession
from volunteers.activities.models.signups import SignUp
from volunteers.activities.offers import notify_signup
from volunteers.activities.words import session_words
from yuanhang.core.models import User
from yuanhang.core.outbox import notices
from yuanhang.core.words import for_keeps

WEEK = timedelta(weeks=1)


def follow(session: ActivitySession, *, key: str, by: User) -> None:
    """Bring offers to the new time of a locked session; tell its people and its leader, once each.

    `key` makes the notices unique.
    """
    signups = list(session.signups.active().select_related("user"))
    for signup in signups:
        if signup.state == SignUp.State.OFFERED:
            _bring_forward(signup, session)
    clashes = clashes_of(session)
    for signup in signups:
        is_offered = signup.state == SignUp.State.OFFERED and signup.tell_at is None
        _tell(
            signup.user,
            session,
            "moved",
            key,
            until=signup.offered_until if is_offered else None,
            clash=_clash_words(clashes.get(signup.user_id)),
        )
    if session.leader_id not in (None, by.pk):
        _tell(session.leader, session, "moved_leader", key)


def _tell(person: User, session: ActivitySession, what: str, key: str, **context: object) -> None:
    notices.send(
        [person],
        f"volunteers.{what}",
        key=f"{key}:leader" if what == "moved_leader" else key,
        context={"activity": session.activity, "session": session, **context},
        url=session.told_url(),
    )


def _bring_forward(signup: SignUp, session: ActivitySession) -> None:
    """Never later than was told, and never behind what the new start leaves.

    A telling that waited for the end of quiet hours is due at once where the start is close.
    """
    now = timezone.now()
    until = quiet_hours.held_until(now, session.starts_at)
    signup.offered_until = min(signup.offered_until, until)
    if signup.tell_at:
        tell_at = min(signup.tell_at, quiet_hours.tell_at(now, session.starts_at))
        signup.tell_at = tell_at if tell_at > now else None
        if signup.tell_at is None:
            notify_signup(signup, session, "offered")
    signup.save(update_fields=["offered_until", "tell_at"])


def clashes_of(session: ActivitySession) -> dict[int, ActivitySession]:
    """The other held session at the same time, by person, of those who hold a place in this one."""
    people = session.signups.holding().values("user")
    rows = SignUp.objects.holding().filter(user__in=people).overlapping(session)
    rows = rows.select_related("session__activity").order_by("-session__starts_at")
    return {row.user_id: row.session for row in rows}


def _clash_words(other: ActivitySession | None) -> str:
    if other is None:
        return ""
    with for_keeps():
        facts = {"title": other.activity.told_title, "when": session_words(other)}
    words = _("和你报上的「%(title)s」（%(when)s）撞时间了，去哪场你定，另一场点「来不了」。")
    return words % facts


def same_hour_later(session: ActivitySession, starts_at: datetime) -> int:
    """How many later sessions of the activity keep the weekday and hour of `starts_at`."""
    later: Iterable[datetime] = (
        session.activity.sessions.filter(starts_at__gt=max(starts_at, timezone.now()))
        .exclude(pk=session.pk)
        .values_list("starts_at", flat=True)
    )
    return sum((other - starts_at) % WEEK == timedelta(0) for other in later)
