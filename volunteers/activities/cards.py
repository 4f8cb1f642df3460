"""What is held for a person: an offered place is a card, and not theirs before they say so."""

from dataclasses import dataclass, field

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from volunteers.activities.access import Viewer
from volunteers.activities.models.sessions import ActivitySession
from volunteers.activities.models.signups import SignUp
from volunteers.activities.words import session_words
from yuanhang.core.cards import Card, Refusal

HELD_READ = 10  # sign-ups; offers come first, and nobody has so many at once


@dataclass(frozen=True)
class Held:
    """A person's offered places as cards, and the next session in which they have a place."""

    offers: list[Card] = field(default_factory=list)
    next_session: ActivitySession | None = None


def held_by(user: Viewer) -> Held:
    """What is held for a person; one query.

    An offer is no place: it is never the next session, and it is a card also before the notice of
    it leaves, which waits for the end of quiet hours.
    """
    if not user.is_authenticated:
        return Held()
    rows = SignUp.objects.holding().filter(user=user, session__in=ActivitySession.objects.coming())
    # Descending, "offered" stands before "confirmed".
    rows = rows.select_related("session__activity").order_by("-state", "session__starts_at", "pk")
    signups, now = list(rows[:HELD_READ]), timezone.now()
    offers = [
        signup
        for signup in signups
        if signup.state == SignUp.State.OFFERED and signup.offered_until > now
    ]
    sure = [signup.session for signup in signups if signup.state == SignUp.State.CONFIRMED]
    return Held([_card(signup) for signup in offers], next(iter(sure), None))


def _card(signup):
    session = signup.session
    activity = session.activity
    where = "" if activity.is_confidential else activity.place
    return Card(
        seal=_("位"),
        title=_("%(title)s，轮到你了") % {"title": activity.told_title},
        text="　".join(filter(None, (session_words(session), where))),
        label=_("我去"),
        url=reverse("volunteers:act", args=[session.pk, "accept"]),
        fields={"seen": signup.pk, "next": session.get_absolute_url().partition("#")[0]},
        link=session.get_absolute_url(),
        due=signup.offered_until,
        asks=_("等你点一下"),
        refusal=Refusal(
            label=_("这次不去"),
            warning=_("名额马上给下一位。"),
            sure=_("确定不去"),
            url=reverse("volunteers:act", args=[session.pk, "leave"]),
        ),
    )
