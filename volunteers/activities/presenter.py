"""What the pages of activities show: a row of the list, a session's card, an activity's page."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils import timezone

from volunteers.activities import access, pledges, trainings, words
from volunteers.activities.access import Viewer
from volunteers.activities.forms import PledgeForm
from volunteers.activities.models.activities import Activity
from volunteers.activities.models.sessions import ActivitySession
from volunteers.activities.models.signups import SignUp
from volunteers.activities.rest import short_rests
from volunteers.skills import qualifications
from yuanhang.core import geo
from yuanhang.core.models import User

# Past sessions on an activity's page: enough to see that it was held, without scrolling for long.
PAST_SESSIONS_SHOWN = 5


@dataclass(frozen=True)
class OwnSignUps:
    """A person's sign-ups for some sessions, both by the session's primary key.

    `current` has those that have not ended; `newest` the primary key of the last one, ended or
    not: a form carries it, so that one sent twice is recognised.
    """

    current: dict[int, SignUp] = field(default_factory=dict)
    newest: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class SessionRow:
    """A row of the list; `own` is the person's sign-up that has not ended."""

    session: ActivitySession
    own: SignUp | None
    is_fitting: bool

    @property
    def activity(self) -> Activity:
        return self.session.activity


@dataclass(frozen=True, kw_only=True)
class SessionCard:
    """One session with what a person may do about it.

    `own` is their sign-up that has not ended, `newest` the primary key of the last one or 0,
    `leader` whom to look for, where they may know it. `back` is the address of the page the card
    stands on. `is_main`: its button is the page's main one. `is_titled`: with the activity's
    title. `is_fresh`: sent alone, so it takes the focus. `rest` says that too little is left of it.
    """

    session: ActivitySession
    own: SignUp | None
    newest: int
    leader: User | None
    back: str
    barred: str = ""
    error: str = ""
    rest: str = ""
    is_main: bool = False
    is_titled: bool = False
    is_fresh: bool = False

    @property
    def activity(self) -> Activity:
        return self.session.activity

    @property
    def is_cancelled(self) -> bool:
        return self.activity.state == Activity.State.CANCELLED

    @property
    def has_numbers(self) -> bool:
        """Whether it says how many come; of a confidential activity nobody learns it."""
        is_hidden = self.activity.is_confidential or self.session.is_over
        return not is_hidden and not self.is_cancelled

    @property
    def takes_answers(self) -> bool:
        """Whether a person can still come or leave."""
        if self.session.has_started or self.is_cancelled:
            return False
        return self.own is not None or self.activity.is_open

    @property
    def takes_pairs(self) -> bool:
        return not self.activity.is_confidential and self.session.maximum > 1

    @property
    def has_place(self) -> bool:
        """Whether signing up gives a place, as far as is said, and not one in the line."""
        return bool(self.session.left) or self.activity.is_confidential


@dataclass(frozen=True)
class PledgeBox:
    """认捐: how much is promised, `share` of the target in percent, and how much of it is `own`."""

    amount: int
    share: int
    own: int
    form: PledgeForm


@dataclass(frozen=True, kw_only=True)
class ActivityPage:
    """An activity with its sessions; `following` is the key of the next page of cards or "".

    `barred` says why this person may not sign up at all. `rosters` are the sessions whose list
    they keep, `coming_words` what it takes to come, `map_links` pairs of label and address.
    """

    cards: list[SessionCard]
    following: str
    past: list[ActivitySession]
    barred: str
    pledge: PledgeBox | None
    coming_words: str
    may_manage: bool
    rosters: list[ActivitySession]
    map_links: list


def own_signups(sessions: Sequence[ActivitySession], user: Viewer) -> OwnSignUps:
    """The user's sign-ups for these sessions, with their places in the line; one query."""
    own = OwnSignUps()
    if not user.is_authenticated or not sessions:
        return own
    by_pk = {session.pk: session for session in sessions}
    signups = SignUp.objects.filter(user=user, session__in=sessions).with_place_in_line()
    for signup in signups.order_by("pk"):
        own.newest[signup.session_id] = signup.pk
        if signup.is_active:
            signup.session = by_pk[signup.session_id]
            own.current[signup.session_id] = signup
    return own


def session_rows(sessions: Sequence[ActivitySession], user: Viewer) -> list[SessionRow]:
    """The rows of the list, of sessions that `free_times.with_fits` marked."""
    own = own_signups(sessions, user)
    return [SessionRow(one, own.current.get(one.pk), one.fits) for one in sessions]


def session_cards(
    sessions: Sequence[ActivitySession],
    user: Viewer,
    *,
    back: str,
    barred: str = "",
    error: str = "",
    error_at: int | None = None,
    has_main: bool = False,
    is_titled: bool = False,
    is_fresh: bool = False,
) -> list[SessionCard]:
    """The cards of these sessions; `error` stands at the session with primary key `error_at`.

    With `has_main` one of them holds the page's main button. Three queries.
    """
    own = own_signups(sessions, user)
    leaders = _known_leaders(sessions, own)
    main = _first_joinable(sessions, own) if has_main else None
    rests = short_rests([one for one in sessions if not one.has_started], user)
    return [
        SessionCard(
            session=session,
            own=own.current.get(session.pk),
            newest=own.newest.get(session.pk, 0),
            leader=leaders.get(session.pk),
            back=back,
            barred=barred,
            error=error if session.pk == error_at else "",
            rest=rests.get(session.pk, ""),
            is_main=session.pk == main,
            is_titled=is_titled,
            is_fresh=is_fresh,
        )
        for session in sessions
    ]


def _known_leaders(sessions, own):
    """The leaders by session, where this person may know who leads."""
    known = {
        session.pk: session.leader_id
        for session in sessions
        if session.leader_id and access.can_know_leader(own.current.get(session.pk), session)
    }
    people = User.objects.in_bulk(set(known.values()))
    return {pk: people[leader] for pk, leader in known.items() if leader in people}


def _first_joinable(sessions, own):
    """The session whose button is the page's main one, or None: a held place comes before it."""
    if any(signup.state == SignUp.State.OFFERED for signup in own.current.values()):
        return None
    free = (s.pk for s in sessions if s.activity.is_open and not s.has_started)
    return next((pk for pk in free if pk not in own.current), None)


def activity_page_of(
    activity: Activity,
    sessions: Sequence[ActivitySession],
    following: str,
    user: Viewer,
    *,
    error: str = "",
    error_at: int | None = None,
    pledge_form: PledgeForm | None = None,
) -> ActivityPage:
    """The page of an activity with one page of its coming `sessions`."""
    ended = activity.sessions.filter(ends_at__lte=timezone.now())
    past = list(ended.order_by("-starts_at")[:PAST_SESSIONS_SHOWN])
    for session in (*sessions, *past):
        session.activity = activity
    barred = barred_words(user, activity)
    may_manage = user.is_staff and access.can_manage(user, activity)
    cards = session_cards(
        sessions,
        user,
        back=activity.get_absolute_url(),
        barred=barred,
        error=error,
        error_at=error_at,
        has_main=True,
    )
    return ActivityPage(
        cards=cards,
        coming_words=words.what_coming_takes(activity, [card.own for card in cards if card.own]),
        following=following,
        past=past,
        barred=barred,
        pledge=_pledge_box(activity, user, pledge_form),
        may_manage=may_manage,
        rosters=[
            session
            for session in (*past, *sessions)
            if may_manage or access.can_lead_alone(user, session)
        ],
        map_links=_map_links(activity),
    )


def _pledge_box(activity, user, form):
    if not activity.pledge_item:
        return None
    amount, own = pledges.pledged(activity, by=user)
    share = min(100, amount * 100 // activity.pledge_target)
    if form is None:
        form = PledgeForm(initial={"quantity": own or 1}, activity=activity)
    return PledgeBox(amount, share, own, form)


def barred_words(user: Viewer, activity: Activity) -> str:
    """Why this person may not sign up at all, with the way to change it; "" otherwise."""
    if not user.is_authenticated or activity.is_over:
        return ""
    reason = access.signup_obstacle(user, activity, skills_of=qualifications.in_force)
    return f"{reason}{trainings.where_to_learn(user, activity)}" if reason else ""


def _map_links(activity):
    """Links to map apps, where the point is known."""
    if not activity.has_point:
        return []
    return geo.navigation_links(activity.latitude, activity.longitude, activity.place)
