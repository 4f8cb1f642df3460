"""An offered place as a card: it is not theirs before they say so."""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from volunteers.activities.models.signups import SignUp
from volunteers.activities.words import by_when, session_words
from yuanhang.core.cards import Card
from yuanhang.core.models import User

OFFERS_SHOWN = 3


def offer_cards(user: User) -> list[Card]:
    """The places that are held for this person's answer, also before the notice of them leaves."""
    now = timezone.now()
    rows = SignUp.objects.filter(user=user, state=SignUp.State.OFFERED, offered_until__gt=now)
    rows = rows.filter(session__starts_at__gt=now).select_related("session__activity")
    return [_card(signup) for signup in rows.order_by("offered_until")[:OFFERS_SHOWN]]


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
