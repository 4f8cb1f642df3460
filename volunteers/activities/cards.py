"""What is held for a person: an offered place is a card, and not theirs before they say so."""

from dataclasses import dataclass, field

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from volunteers.activities.access import Viewer
from volunteers.activities.models.sessions import ActivitySession
from volunteers.activities.models.signups import SignUp
from volunteers.activities.words import by_when, session_words
from yuanhang.core.cards import Card

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
    facts = {"when": session_words(session), "until": by_when(signup.offered_until)}
    return Card(
        seal=_("位"),
        title=_("有名额了：%(title)s") % {"title": session.activity.told_title},
        text=_("%(when)s。%(until)s点一下确认，过时给下一位。") % facts,
        label=_("确认"),
        url=reverse("volunteers:act", args=[session.pk, "accept"]),
        fields={"seen": signup.pk, "next": session.get_absolute_url().partition("#")[0]},
        link=session.get_absolute_url(),
        due=signup.offered_until,
    )
