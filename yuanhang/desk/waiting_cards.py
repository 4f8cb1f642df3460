"""The first cards of the front page: what waits for this person, from every noun that has any.

A noun that has something to ask adds its function to `SOURCES`: it takes the user and gives a few
`yuanhang.core.cards.Card`s with one query or two.
"""

from volunteers.activities.cards import offer_cards
from volunteers.errands.cards import lease_cards
from volunteers.record.cards import certificate_cards, roster_cards
from volunteers.team_page.cards import asker_cards

SOURCES = (offer_cards, lease_cards, certificate_cards, roster_cards, asker_cards)
CARDS_SHOWN = 4  # more would push the report button off a phone's screen


def waiting_cards(user):
    """The cards of one person, what is due soonest first; nothing for guests."""
    if not user.is_authenticated:
        return []
    cards = [card for source in SOURCES for card in source(user)]
    return sorted(cards, key=lambda card: card.order)[:CARDS_SHOWN]
