"""Search by telephone: the number comes by POST and never stands in an address.

Addresses lie in histories, logs and on other people's screens. What looks like a telephone number,
or a part of one, is kept in the session; the trail notes that one was searched, and how many rows
came, not its digits.
"""

import re
import unicodedata
from typing import Any

from django.core.exceptions import ValidationError

from . import audit
from .models import normalise_phone

DIGITS_MIN = 4  # as people say the end of a number
NOT_DIGITS = re.compile(r"[^0-9]")


def phone_part(text: str) -> str:
    """The digits of what looks like a telephone number or a part of it, else nothing."""
    try:
        return str(normalise_phone(text))
    except ValidationError:
        plain = unicodedata.normalize("NFKC", text)
        digits = NOT_DIGITS.sub("", plain)
        letters = any(character.isalpha() for character in plain)
        return digits if len(digits) >= DIGITS_MIN and not letters else ""


def _session_key(of: str) -> str:
    return f"phone_search:{of}"


def remember(request: Any, of: str, phone: str) -> None:
    """Keep the digits that were searched for among the rows `of` a model's label."""
    request.session[_session_key(of)] = phone


def remembered(request: Any, of: str) -> str:
    """What was searched for last among them, or nothing."""
    return str(request.session.get(_session_key(of), ""))


def note(kind: str, *, by: Any, role: str, rows: int) -> None:
    """Write into the trail that somebody searched, and how many rows came."""
    audit.record(kind, None, by=by, role=role, changes={"rows": rows})
