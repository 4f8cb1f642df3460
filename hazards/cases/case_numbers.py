"""Case numbers as people type them."""

import re

from stations.areas.models import FIRST_PREFIX
from yuanhang.core.text import DIGITS_ALIKE, compact

# Somewhere in the text: a label before it and the code behind it are copied along.
PATTERN = re.compile(
    r"(?<![A-Z0-9])(?P<prefix>[A-Z]{2,6})?(?P<day>[0-9]{8})[-.]{0,2}(?P<count>[0-9]{4,6})(?![0-9])"
)
END = re.compile(r"[0-9]{4,6}")
# The same from a reader who took O for 0 or l for 1.
PATTERN_ALIKE = re.compile(
    r"(?<![A-Z0-9])(?P<prefix>[A-Z]{2,6})??(?P<day>[0-9OIL|]{8})[-.]{0,2}"
    r"(?P<count>[0-9OIL|]{4,6})(?![0-9])"
)


def normalise_number(text: str) -> str:
    """A case's number as we write it, however it was typed; what is none stays what it is.

    From paper it comes in small letters, in the wide ones of a Chinese keyboard, without its
    letters (then the first subdistrict's are meant) or with any dash or none; from a chat with
    words and full stops around it.
    """
    text = compact(text)
    found = _found(text)
    return f"{found[0] or FIRST_PREFIX}{found[1]}-{found[2]}" if found else text


def is_end(text: str) -> bool:
    """Whether a text is the last part of a number alone, as people remember it: 「0007」."""
    return bool(END.fullmatch(text))


def spelled_number(text: str) -> str | None:
    """The number that a text is or has with its letters, else None: digits alone may be others'."""
    found = _found(compact(text))
    return f"{found[0]}{found[1]}-{found[2]}" if found and found[0] else None


def _found(text: str) -> tuple[str | None, str, str] | None:
    """(letters, day, count) of the one number in a compact text."""
    for pattern in (PATTERN, PATTERN_ALIKE):
        found = list(pattern.finditer(text))
        if len(found) == 1:
            day, count = (found[0][part].translate(DIGITS_ALIKE) for part in ("day", "count"))
            return found[0]["prefix"], day, count
    return None
