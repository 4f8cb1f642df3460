"""Which categories have a card of advice (`stations/pages/`) to read and to hand on."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Card:
    """The key of a category, the slug of its card, and what the link to it says."""

    category: str
    slug: str
    words: Any

    @property
    def url(self) -> str:
        return reverse("pages:page", args=[self.slug])


CARDS = (
    Card("fraud", "fraud", _("看反诈卡：怎么跟老人说")),
    Card("fire_lane", "fire", _("看消防卡：起火先打 119")),
    Card("traffic", "traffic", _("看交通卡：事故先打 122")),
)


def card_of(category_key: str) -> Card | None:
    """The card of a category, or None."""
    return next((card for card in CARDS if card.category == category_key), None)
