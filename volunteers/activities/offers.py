"""The line of a session: places counted under the row's lock, offers, and what became of them."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from volunteers.activities import quiet_hours, waitlist
from volunteers.activities.models.activities import Activity
from volunteers.activities.models.sessions import ActivitySession
from volunteers.activities.models.signups import HOLDING, SignUp
from volunteers.activities.transitions import SIGNUPS
from yuanhang.core.locked_transitions import carry_out
from yuanhang.core.models import User
from yuanhang.core.outbox import notices

LINES_A_RUN = 500  # sign-ups looked at by one run of the job; the next one follows in a minute


def locked(session_id: int) -> ActivitySession:
    """The session's row for this transaction alone, with its activity.

    The activity is read after the wait: joined to the locked row it would be what it was before,
    and somebody could sign up for what was just cancelled.
    """
    session = ActivitySession.objects.select_for_update().get(pk=session_id)
    session.activity = Activity.objects.get(pk=session.activity_id)
    return session


def count(session: ActivitySession) -> None:
    """Write down how many places are held, and how many of them wait for an answer.

    The database refuses more than the ceiling, which sinks back to the maximum as those leave who
    stayed when it was lowered.
    """
    held = session.signups.aggregate(
        taken=Count("pk", filter=Q(state__in=HOLDING)),
        offered=Count("pk", filter=Q(state=SignUp.State.OFFERED)),
    )
    session.taken, session.offered = held["taken"], held["offered"]
    session.ceiling = max(session.maximum, min(session.ceiling, session.taken))
    session.save(update_fields=["taken", "offered", "ceiling", "updated_at"])


def units(session: ActivitySession) -> list[list[SignUp]]:
    """The line as it moves: single people and complete pairs, first come first.

    Nobody is asked who cannot answer.
    """
    waiting = session.signups.waiting().filter(user__is_active=True)
    return waitlist.units_of(waiting.select_related("user"))


def is_joinable(session: ActivitySession) -> bool:
    """Whether places are still given out: announced, and not begun."""
    activity = session.activity
    alive = activity.state in (activity.State.PUBLISHED, activity.State.CLOSED)
    return alive and not session.has_started


def advance(session: ActivitySession) -> list[SignUp]:
    """Offer free places to the next in line; the session is locked by the caller.

    Who is next, `waitlist.units_that_fit` says.
    """
    if not is_joinable(session) or session.left == 0:
        return []
    offered, now = [], timezone.now()
    for unit in waitlist.units_that_fit(units(session), session.left):
        for signup in unit:
            offer(signup, session, now)
        offered += unit
    if offered:
        count(session)
    return offered


def offer(signup: SignUp, session: ActivitySession, now: datetime) -> None:
    """Hold a place for one person and tell them, in quiet hours later."""
    tell_at = quiet_hours.tell_at(now, session.starts_at)
    held = {
        "offered_at": now,
        "offered_until": quiet_hours.held_until(now, session.starts_at),
        "tell_at": tell_at if tell_at > now else None,
    }
    carry_out(SIGNUPS, signup, "offer", is_locked=True, fields=held, parent=session)
    if tell_at <= now:
        notify_signup(signup, session, "offered")


def notify_signup(signup: SignUp, session: ActivitySession, what: str, **context: Any) -> None:
    """Store a notice to the person of a sign-up."""
    notices.send(
        [signup.user],
        f"volunteers.{what}",
        key=key_of(signup, what),
        context={"signup": signup, "session": session, "activity": session.activity, **context},
        url=session.told_url(),
    )


def key_of(signup: SignUp, what: str) -> str:
    """By what a notice to the person of a sign-up is told from others."""
    moment = signup.offered_at or signup.made_at
    return f"signup:{signup.pk}:{what}:{moment.timestamp():.0f}"


def settle(
    signup: SignUp,
    verb: str,
    session: ActivitySession,
    *,
    by: User | None = None,
    target: str = "",
    queued_at: datetime | None = None,
) -> SignUp:
    """One transition of a sign-up whose session is locked; what belonged to an offer is forgotten.

    The caller counts the session's places afterwards.
    """

    def forget_offer(row: SignUp, _before: str) -> None:
        row.offered_at = row.offered_until = row.tell_at = None
        row.ended_at = None if row.is_active else timezone.now()
        row.queued_at = queued_at or row.queued_at

    return carry_out(
        SIGNUPS,
        signup,
        verb,
        by=by,
        is_locked=True,
        target=target,
        change=forget_offer,
        parent=session,
    )


def partners(signup: SignUp) -> list[SignUp]:
    """The sign-up and the other one of its pair, where it has one."""
    if not signup.pair:
        return [signup]
    rows = SignUp.objects.active().filter(pair=signup.pair, session_id=signup.session_id)
    return list(rows.select_related("user"))


def lapse_offers(now: datetime | None = None) -> int:
    """Take back what nobody confirmed in time, and offer it to the next; returns how many.

    Works session by session, each under its lock, so twins of the job do no harm.
    """
    now = now or timezone.now()
    late = SignUp.objects.filter(state=SignUp.State.OFFERED, offered_until__lte=now)
    lapsed = 0
    for session_id in set(late.values_list("session_id", flat=True)[:500]):
        with transaction.atomic():
            session = locked(session_id)
            rows = session.signups.filter(state=SignUp.State.OFFERED, offered_until__lte=now)
            for signup in rows.select_related("user"):
                notify_signup(signup, session, "lapsed")
                settle(signup, "lapse", session)
                lapsed += 1
            count(session)
            advance(session)
    return lapsed


def end_lines(now: datetime | None = None) -> int:
    """Tell those who still wait when a session begins that it was not their turn; how many.

    Only sessions of the last day: after an outage nobody is told of old ones.
    """
    now = now or timezone.now()
    left = SignUp.objects.filter(
        state__in=(SignUp.State.WAITING, SignUp.State.PAIRING),
        session__starts_at__lte=now,
        session__starts_at__gt=now - timedelta(days=1),
    )
    ended = 0
    for session_id in sorted(set(left.values_list("session", flat=True)[:LINES_A_RUN])):
        with transaction.atomic():
            session = locked(session_id)
            rows = left.filter(session=session_id).select_related("user")
            for signup in rows:
                notify_signup(signup, session, "line_ended")
                settle(signup, "end_line", session)
                ended += 1
    return ended


def notify_offers(now: datetime | None = None) -> int:
    """Tell those whose telling was put off until the quiet hours ended; returns how many."""
    now = now or timezone.now()
    told = 0
    for pk in list(SignUp.objects.filter(tell_at__lte=now).values_list("pk", flat=True)[:500]):
        with transaction.atomic():
            row = SignUp.objects.select_for_update(of=("self",)).filter(pk=pk, tell_at__lte=now)
            signup = row.select_related("user", "session__activity").first()
            if signup is None:
                continue  # a twin of this job was faster
            notify_signup(signup, signup.session, "offered")
            signup.tell_at = None
            signup.save(update_fields=["tell_at"])
            told += 1
    return told
