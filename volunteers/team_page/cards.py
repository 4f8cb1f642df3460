"""Somebody wants to join a team, as a card for its leader."""

from django.utils.translation import gettext as _

from volunteers.teams.models import Membership, Team
from yuanhang.core.cards import Card
from yuanhang.core.models import User

TEAMS_SHOWN = 2


def asker_cards(user: User) -> list[Card]:
    """The teams this person leads in which somebody waits for an answer; nobody is named."""
    led = Membership.objects.current().filter(user=user, is_leader=True).values("team")
    waiting = Membership.objects.asked().filter(team__in=led).values("team")
    return [
        Card(
            seal=_("队"),
            # As its notices: a vanguard team is not named where others look on.
            title=_("有人想入队")
            if team.is_sensitive
            else _("有人想加入：%(team)s") % {"team": team},
            text=_("打开看看是谁，点「收下」或「回绝」。"),
            label=_("打开"),
            url=team.get_absolute_url(),
        )
        for team in Team.objects.filter(pk__in=waiting).order_by("pk")[:TEAMS_SHOWN]
    ]
