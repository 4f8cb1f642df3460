"""Signing up, waiting, coming along, leaving.

Locks are always taken in the same order: the person, then the session. The person's lock makes two
sign-ups of one person wait for each other, so that clashes are seen.
"""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from volunteers.activities import access, offers, trainings, waitlist, withdrawals
from volunteers.activities.models.activities import Activity
from volunteers.activities.models.sessions import ActivitySession
from volunteers.activities.models.signups import SignUp, make_pair_code
from volunteers.activities.offers import (
    advance,
    count,
    is_joinable,
    locked,
    notify_signup,
    partners,
    settle,
    units,
)
from volunteers.activities.transitions import SIGNUPS
from volunteers.skills import qualifications
from yuanhang.core import audit, together
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.locked_transitions import check
from yuanhang.core.models import User
from yuanhang.core.outbox import notices
from yuanhang.core.outbox.models import Notice
from yuanhang.core.words import spoken


def _hold_people(*users: User) -> None:
    """Lock people, always in one order: two pairs crossing each other must not deadlock.

    No key is changed, so rows that refer to a person may be written meanwhile. Raises
    NotAllowedNowError where one of them was deactivated, who could not come.
    """
    rows = User.objects.filter(pk__in={user.pk for user in users}).order_by("pk")
    held = rows.select_for_update(no_key=True).values_list("is_active", flat=True)
    if not all(list(held)):
        raise NotAllowedNowError(_("这个账号已经停用。"))


def _refuse_unless_held(session: ActivitySession) -> None:
    activity = session.activity
    if activity.state == Activity.State.CANCELLED:
        raise NotAllowedNowError(_("活动取消了：%(why)s") % {"why": activity.cancel_reason})


def _refuse_unless_open(session: ActivitySession) -> None:
    activity = session.activity
    _refuse_unless_held(session)
    if activity.state == Activity.State.DRAFT or activity.opens_at > timezone.now():
        raise NotAllowedNowError(_("还没开始报名。"))
    if session.has_started:
        raise NotAllowedNowError(_("这一场已经开始了。"))
    if not activity.is_open:
        raise NotAllowedNowError(_("报名已经截止。"))


def clash(user: User, session: ActivitySession) -> ActivitySession | None:
    """The confirmed or held session of another time that overlaps this one, or None."""
    rows = SignUp.objects.holding().filter(user=user).overlapping(session)
    found = rows.select_related("session__activity").first()
    return found.session if found else None


def _refuse_unless_free(user: User, session: ActivitySession) -> None:
    other = clash(user, session)
    if other:
        when = spoken(other.starts_at)
        raise NotAllowedNowError(
            _("和你已经报上的「%(title)s」（%(when)s 开始）撞时间了。")
            % {"title": other.activity, "when": when}
        )


def _refuse_unless_entitled(user: User, activity: Activity) -> None:
    reason = access.signup_obstacle(user, activity, skills_of=qualifications.in_force)
    if reason:
        raise NotAllowedNowError(f"{reason}{trainings.where_to_learn(user, activity)}")


def sign_up(session: ActivitySession, *, by: User, as_pair: bool = False) -> SignUp:
    """Give `by` a place or a place in the line; returns the SignUp.

    `as_pair` waits for a companion first, who joins by `join_pair` with the code. Asking again
    gives the sign-up that is there. Raises NotAllowedNowError with the reason in words.
    """
    with transaction.atomic():
        _hold_people(by)
        # What is the person's own is settled before the session's lock, behind which others wait:
        # nobody else signs them up while they are held.
        seen = ActivitySession.objects.select_related("activity").get(pk=session.pk)
        own = seen.signups.active().filter(user=by).first()
        if own:
            return own
        _refuse_unless_open(seen)
        _refuse_unless_entitled(by, seen.activity)
        _refuse_unless_free(by, seen)
        news = None if as_pair else _News(by, seen)
        (key,) = together.next_keys(SignUp)
        session = locked(session.pk)
        _refuse_unless_open(session)
        if (session.starts_at, session.ends_at) != (seen.starts_at, seen.ends_at):
            _refuse_unless_free(by, session)
            news = news and _News(by, session)
        if as_pair and session.activity.is_confidential:
            raise NotAllowedNowError(_("这个活动各报各的。"))
        if as_pair and session.maximum < 2:
            raise NotAllowedNowError(_("这一场只有一个名额，坐不下两个人。"))
        if as_pair:
            state, code = SignUp.State.PAIRING, make_pair_code()
        else:
            state, code = _placed(session, 1), ""
        signup = SignUp(pk=key, session=session, user=by, pair=code)
        _store(signup, session, state, news)
    return signup


class _News:
    """What somebody who signs up is told, worded before the session's lock as far as it looks."""

    def __init__(self, user: User, session: ActivitySession) -> None:
        self._user, self._says = user, self._said_of(session)
        self._likely = SignUp.State.CONFIRMED if session.left else SignUp.State.WAITING
        self._notice = self._worded(self._likely, session)

    @staticmethod
    def _said_of(session: ActivitySession) -> tuple[str, ...]:
        activity = session.activity
        return activity.told_title, activity.place, session.told_url()

    def _worded(self, state: str, session: ActivitySession) -> Notice:
        context = {"session": session, "activity": session.activity}
        told = {"key": "", "context": context, "url": session.told_url()}
        (notice,) = notices.written(notices.Letter([self._user], f"volunteers.{state}", **told))
        return notice

    def of(self, signup: SignUp, session: ActivitySession) -> Notice:
        """The notice of a sign-up; anew where the line or the activity changed meanwhile."""
        notice = self._notice
        if signup.state != self._likely or self._said_of(session) != self._says:
            notice = self._worded(signup.state, session)
        notice.key = offers.key_of(signup, signup.state)
        return notice


def _store(signup: SignUp, session: ActivitySession, state: str, news: _News | None) -> None:
    """A new sign-up of a locked session, with its event and its notice: one question.

    `SIGNUPS` says what may be; a place that is taken is counted, the line is not.
    """
    before = check(SIGNUPS, signup, "sign_up")
    SIGNUPS.set_state(signup, SIGNUPS["sign_up"].target_from(signup, before, state))
    event = audit.event(
        f"{SIGNUPS.prefix}sign_up",
        signup,
        by=signup.user,
        parent=session,
        changes={"state": [before, signup.state]},
    )
    rows = [signup, event, news.of(signup, session)] if news else [signup, event]
    together.Together(rows).store()
    if state == SignUp.State.CONFIRMED:
        session.taken += 1
        session.save(update_fields=["taken", "updated_at"])


def _placed(session: ActivitySession, size: int) -> str:
    """Confirmed where places are free that nobody in the line can use, else waiting.

    The line is read only where it matters: at a full session it is long.
    """
    if session.left < size:
        return SignUp.State.WAITING
    comes = waitlist.can_come_at_once(units(session), session.left, size)
    return SignUp.State.CONFIRMED if comes else SignUp.State.WAITING


def _place(
    signup: SignUp,
    verb: str,
    session: ActivitySession,
    by: User,
    state: str,
    queued_at: datetime | None = None,
) -> None:
    """Give a sign-up its place in the session or in the line, count, and tell its person."""
    settle(signup, verb, session, by=by, target=state, queued_at=queued_at)
    count(session)
    if signup.state in (SignUp.State.CONFIRMED, SignUp.State.WAITING):
        notify_signup(signup, session, signup.state)


def join_pair(code: str, *, by: User) -> SignUp:
    """Come along with whoever gave the code: both get places together, or wait together.

    Returns the joiner's SignUp. Raises NotAllowedNowError when the code is used up or none.
    """
    first = SignUp.objects.filter(pair=code, state=SignUp.State.PAIRING).first() if code else None
    if first is None:
        raise NotAllowedNowError(_("这个邀请已经用过，或者对方不去了。"))
    if first.user_id == by.pk:
        raise NotAllowedNowError(_("这是你自己的邀请，发给同伴就行。"))
    with transaction.atomic():
        _hold_people(first.user, by)
        session = locked(first.session_id)
        first = session.signups.filter(pk=first.pk, state=SignUp.State.PAIRING).first()
        if first is None:
            raise NotAllowedNowError(_("这个邀请已经用过，或者对方不去了。"))
        if session.signups.active().filter(user=by).exists():
            raise NotAllowedNowError(_("你已经报过这一场，先退出再一起报。"))
        _refuse_unless_open(session)
        for person in (first.user, by):
            _refuse_unless_entitled(person, session.activity)
            _refuse_unless_free(person, session)
        state, now = _placed(session, 2), timezone.now()
        second = SignUp(session=session, user=by, pair=code)
        for signup in (first, second):
            _place(signup, "join_pair", session, by, state, queued_at=now)
    return second


def go_alone(signup: SignUp, *, by: User) -> SignUp:
    """Stop waiting for a companion: an ordinary sign-up from now on."""
    with transaction.atomic():
        _hold_people(by)
        session = locked(signup.session_id)
        signup = session.signups.select_related("user").get(pk=signup.pk)
        check(SIGNUPS, signup, "go_alone", refusal=_("已经变了，刷新看看。"))
        _refuse_unless_open(session)
        _refuse_unless_free(by, session)
        signup.pair = ""
        state = _placed(session, 1)
        _place(signup, "go_alone", session, by, state, queued_at=timezone.now())
    return signup


def accept_offer(signup: SignUp, *, by: User) -> SignUp:
    """Take the place that was held; one of a pair answers for both.

    Raises NotAllowedNowError when the hold is over or another session meanwhile clashes.
    """
    with transaction.atomic():
        both = partners(signup)
        _hold_people(by, *(one.user for one in both))
        session = locked(signup.session_id)
        signup = session.signups.select_related("user").get(pk=signup.pk)
        if signup.state == SignUp.State.CONFIRMED:
            return signup
        late = signup.state == SignUp.State.OFFERED and signup.offered_until <= timezone.now()
        _refuse_unless_held(session)
        if signup.state != SignUp.State.OFFERED or late or not is_joinable(session):
            raise NotAllowedNowError(_("这个名额已经过了确认时间，给下一位了。"))
        for one in partners(signup):
            if one.state != SignUp.State.OFFERED:
                continue
            _refuse_unless_free(one.user, session)
            settle(one, "accept_offer", session, by=by)
            notify_signup(one, session, "confirmed")
        count(session)
        signup.refresh_from_db()
    return signup


def leave(signup: SignUp, *, by: User) -> SignUp:
    """Give the place back, or leave the line; the place goes to the next in the same transaction.

    A companion keeps their own place, and is told. Raises NotAllowedNowError once the session
    began.
    """
    with transaction.atomic():
        session = locked(signup.session_id)
        signup = session.signups.select_related("user").get(pk=signup.pk)
        if signup.state in (SignUp.State.CANCELLED, SignUp.State.LAPSED):
            return signup
        if session.has_started:
            raise NotAllowedNowError(_("已经开始了，来不了请直接告诉负责人。"))
        _give_back(signup, "leave", session, by)
    return signup


def _give_back(signup: SignUp, verb: str, session: ActivitySession, by: User) -> None:
    """End a sign-up of a locked session: companion and leader are told, the next has the place."""
    for other in partners(signup):
        if other.pk != signup.pk:
            other.pair = ""
            other.save(update_fields=["pair"])
            notify_signup(other, session, "companion_left")
    was_coming = signup.state == SignUp.State.CONFIRMED
    settle(signup, verb, session, by=by)
    count(session)
    if was_coming:
        withdrawals.notify(signup, session, by=by)
    advance(session)


def free_all(user: User, *, by: User) -> None:
    """Give back every place that somebody who was deactivated holds or waits for.

    What has begun stays: whoever was there is on the list. The caller holds the person.
    """
    rows = SignUp.objects.active().filter(user=user, session__starts_at__gt=timezone.now())
    for session_id in sorted(set(rows.values_list("session", flat=True))):
        with transaction.atomic():
            session = locked(session_id)
            signup = session.signups.active().filter(user=user).select_related("user").first()
            if signup and not session.has_started:
                _give_back(signup, "free", session, by)
