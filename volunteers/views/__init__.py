"""Pages by noun."""

from .activities import activities, activity, cover, poster, poster_code, session_calendar
from .signups import act, feed, feed_change, mine, pair, pledge

__all__ = [
    "act",
    "activities",
    "activity",
    "cover",
    "feed",
    "feed_change",
    "mine",
    "pair",
    "pledge",
    "poster",
    "poster_code",
    "session_calendar",
]
