"""The report form and the look-up of a receipt."""

import re
import unicodedata


def normalise_number(text):
    """A case's number as we write it, however it was typed; what is none stays what it is.

    From paper it comes in small letters, in the wide ones of a Chinese keyboard, without YH or
    with any dash or none.
    """
    text = "".join(unicodedata.normalize("NFKC", text).upper().split())
    found = re.fullmatch(r"(?:YH)?([0-9]{8})[-_\u2010-\u2015]{0,2}([0-9]{4,6})", text)
    return f"YH{found[1]}-{found[2]}" if found else text
