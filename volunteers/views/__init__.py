"""Pages by noun."""

from .activities import activities, activity, cover, poster, poster_code, session_calendar
from .certificates import certificate, certificate_print, certificate_revoke
from .errands import errand, errand_act, errands
from .record import (
    ask_certificate,
    export,
    person,
    person_commend,
    person_export,
    person_hours,
    person_qualification,
    record,
    scan,
    take_back,
)
from .record_desk import answer_entry, answer_request, desk
from .roster import roster
from .searches import search, search_photo
from .signups import act, feed, feed_change, mine, pair, pledge
from .teams import team, team_list

__all__ = [
    "errand",
    "errand_act",
    "errands",
    "act",
    "activities",
    "activity",
    "answer_entry",
    "answer_request",
    "ask_certificate",
    "certificate",
    "certificate_print",
    "certificate_revoke",
    "cover",
    "desk",
    "export",
    "feed",
    "feed_change",
    "mine",
    "pair",
    "person",
    "person_commend",
    "person_export",
    "person_hours",
    "person_qualification",
    "pledge",
    "poster",
    "poster_code",
    "record",
    "roster",
    "scan",
    "search",
    "search_photo",
    "session_calendar",
    "take_back",
    "team",
    "team_list",
]
