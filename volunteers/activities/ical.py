"""Sessions as calendar files (RFC 5545), the few parts that phones read. Pure; no queries.

Times are written in UTC, so no time zone has to travel along.
"""

from collections.abc import Iterable
from datetime import UTC, datetime

from django.conf import settings

from volunteers.activities.models.activities import Activity
from volunteers.activities.models.sessions import ActivitySession
from yuanhang.core.text import clean

REMIND_MINUTES = 60  # before it begins: time to finish the last delivery
LINE_OCTETS = 75  # without the line break (RFC 5545, 3.1)


def calendar(sessions: Iterable[tuple[ActivitySession, bool]], *, name: str) -> str:
    """The text of a calendar with these (session, is_sure) pairs; lines end with CR LF."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Yuanhang//Activities//ZH"]
    lines += ["CALSCALE:GREGORIAN", "METHOD:PUBLISH", f"X-WR-CALNAME:{escape(name)}"]
    for session, is_sure in sessions:
        lines += _event(session, is_sure)
    return "".join(f"{fold(line)}\r\n" for line in [*lines, "END:VCALENDAR"])


def _event(session: ActivitySession, is_sure: bool) -> list[str]:
    activity = session.activity
    is_off = activity.state == activity.State.CANCELLED
    status = "CANCELLED" if is_off else "CONFIRMED" if is_sure else "TENTATIVE"
    changed = max(session.updated_at, activity.updated_at)
    alarm = _alarm(activity) if is_sure and not is_off else []
    return [
        "BEGIN:VEVENT",
        f"UID:session-{session.pk}@{settings.SITE_URL.split('//')[-1]}",
        f"DTSTAMP:{_utc(changed)}",
        f"LAST-MODIFIED:{_utc(changed)}",
        # Seconds since 1970: grows with each change, and fits 32 bits until 2038.
        f"SEQUENCE:{int(changed.timestamp()) % 2**31}",
        f"DTSTART:{_utc(session.starts_at)}",
        f"DTEND:{_utc(session.ends_at)}",
        f"SUMMARY:{escape(activity.told_title)}",
        f"LOCATION:{escape(activity.place)}",
        f"URL:{settings.SITE_URL}{session.get_absolute_url()}",
        f"STATUS:{status}",
        *alarm,
        "END:VEVENT",
    ]


def _alarm(activity: Activity) -> list[str]:
    """A reminder of the phone itself (RFC 5545, 3.6.6), for who has a place."""
    return [
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        f"DESCRIPTION:{escape(activity.told_title)}",
        f"TRIGGER:-PT{REMIND_MINUTES}M",
        "END:VALARM",
    ]


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def escape(text: object) -> str:
    """A value of type TEXT (RFC 5545, 3.3.11), cleaned of what no calendar reads."""
    text = clean(str(text)).replace("\\", "\\\\")
    text = text.replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")
    return text.replace("\t", " ")


def fold(line: str) -> str:
    """The line cut to at most 75 octets a piece, never inside a character (RFC 5545, 3.1)."""
    pieces, length = [""], 0
    for char in line:
        size = len(char.encode())
        if length + size > LINE_OCTETS:
            pieces.append(" ")
            length = 1
        pieces[-1] += char
        length += size
    return "\r\n".join(pieces)
