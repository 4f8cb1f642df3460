"""Words about activities, as filters; the card of a session."""

from django import template

from volunteers.activities import kept_cards, words

register = template.Library()

for function in (
    words.day_words,
    words.poster_day,
    words.hours_words,
    words.session_words,
    words.joinable,
    words.places_chip,
    words.own_chip,
    words.why_waiting,
    words.by_when,
    words.counted,
):
    register.filter(function)


@register.simple_tag(takes_context=True)
def session_card(context, card):
    """A session's card, which is kept where it says the same to everybody."""
    drawn = context.template.engine.get_template("volunteers/activities/_session.html")
    if not kept_cards.can_be_kept(card):
        with context.push(card=card):
            return drawn.render(context)

    def draw():
        with context.push(card=card, csrf_token=kept_cards.PLACE):
            return drawn.render(context)

    return kept_cards.markup(
        card,
        is_guest=not context["user"].is_authenticated,
        token=lambda: str(context["csrf_token"]),
        draw=draw,
    )
