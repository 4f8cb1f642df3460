"""An errand in hand as a card: its lease runs."""

from django.utils.translation import gettext as _

from volunteers.errands.presenter import claim_in_hand
from yuanhang.core.cards import Card
from yuanhang.core.models import User
from yuanhang.core.words import until


def lease_cards(user: User) -> list[Card]:
    """The errand whose lease runs, with the time at which it ends; nobody has two. One query."""
    claim = claim_in_hand(user)
    if claim is None:
        return []
    words = _("%(until)s 前办好，办不完就还回去，别人接着办。")
    if not claim.is_extended:
        words = _("%(until)s 前办好，办不完能延一次，也能还回去。")
    return [
        Card(
            seal=_("办"),
            title=_("你手上有一件：%(what)s") % {"what": claim.errand},
            text=words % {"until": until(claim.lease_until)},
            label=_("打开"),
            url=claim.errand.get_absolute_url(),
            due=claim.lease_until,
            asks=_("手上 1 件"),
            shape="◔",
            tone="teal",
        )
    ]
