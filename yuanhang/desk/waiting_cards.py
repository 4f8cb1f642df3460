"""The first cards of the front page: what waits for this person, from every noun that has any.

A noun that has something to ask adds its function to `SOURCES`: it takes the user and gives a few
`yuanhang.core.cards.Card`s with one query.
"""

from hazards.case_page.cards import question_cards
from volunteers.errands.cards import lease_cards
from volunteers.record.cards import certificate_cards
from workers.help.cards import help_cards

SOURCES = (help_cards, question_cards, lease_cards, certificate_cards)
CARDS_SHOWN = 4  # more would push the report button off a phone's screen


def waiting_cards(user, offers):
    """The cards of one person with their `offers`, what is due soonest first; none for guests."""
    if not user.is_authenticated:
        return []
    cards = [*offers, *(card for source in SOURCES for card in source(user))]
    return sorted(cards, key=lambda card: card.order)[:CARDS_SHOWN]
