"""Case numbers as people type them."""

import re
import unicodedata

from stations.areas.models import FIRST_PREFIX

PATTERN = re.compile(r"([A-Z]{2,6})?([0-9]{8})[-_\u2010-\u2015]{0,2}([0-9]{4,6})")


def normalise_number(text: str) -> str:
    """A case's number as we write it, however it was typed; what is none stays what it is.

    From paper it comes in small letters, in the wide ones of a Chinese keyboard, without its
    letters (then the first subdistrict's are meant) or with any dash or none.
    """
    text = "".join(unicodedata.normalize("NFKC", text).upper().split())
    match = PATTERN.fullmatch(text)
    return f"{match[1] or FIRST_PREFIX}{match[2]}-{match[3]}" if match else text
