"""Pages by noun."""

from .activities import activity
from .certificates import certificate, certificate_print, certificate_revoke
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

__all__ = [
    "activity",
    "answer_entry",
    "answer_request",
    "ask_certificate",
    "certificate",
    "certificate_print",
    "certificate_revoke",
    "desk",
    "export",
    "person",
    "person_commend",
    "person_export",
    "person_hours",
    "person_qualification",
    "record",
    "roster",
    "scan",
    "take_back",
]
