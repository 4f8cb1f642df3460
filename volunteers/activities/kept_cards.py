"""The cards of sessions for which their reader is not signed up, kept by all that they show.

An activity may have forty, and all but one or two say the same to everybody: how full it is, and a
button. The token of the form is filled in afterwards.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from volunteers.activities import words
from volunteers.activities.presenter import SessionCard

MOST = 500  # cards that a process keeps, two kilobytes each
PLACE = "\0token\0"  # no text of the database has a NUL

_kept: OrderedDict[Hashable, str] = OrderedDict()
_lock = Lock()


def forget() -> None:
    """Drop every card of this process."""
    with _lock:
        _kept.clear()


def can_be_kept(card: SessionCard) -> bool:
    """Whether it is one of many alike: nobody's place, no refusal, none that was asked for anew."""
    return card.own is None and card.leader is None and not (card.error or card.is_fresh)


def markup(
    card: SessionCard, *, is_guest: bool, token: Callable[[], str], draw: Callable[[], str]
) -> SafeString:
    """The card's markup; `draw` renders it with `PLACE` for the form's token where none is kept."""
    key = _shown(card, is_guest)
    with _lock:
        html = _kept.get(key)
        if html is not None:
            _kept.move_to_end(key)
    if html is None:
        html = draw()
        with _lock:
            _kept[key] = html
            while len(_kept) > MOST:
                _kept.popitem(last=False)
    # A page without a form needs no token, and sets no cookie.
    return mark_safe(html.replace(PLACE, escape(token())) if PLACE in html else html)  # noqa: S308


def _shown(card: SessionCard, is_guest: bool) -> Hashable:
    """All that the templates of a card say of one that can be kept."""
    session, activity = card.session, card.activity
    return (
        get_language(),
        is_guest,
        session.pk,
        activity.pk,
        activity.title,
        activity.place,
        words.session_words(session),
        words.places_chip(session),
        words.counted(session) if card.has_numbers else "",
        card.rest,
        card.is_cancelled,
        card.takes_answers,
        card.takes_pairs,
        card.has_place,
        bool(card.barred),
        card.newest,
        card.back,
        card.is_main,
        card.is_titled,
    )
