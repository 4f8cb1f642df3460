"""Telephone numbers: read from what people type, found in what they write; pure, no models.

A number reaches us from contacts, spreadsheets and chats: with marks that nobody sees, any width of
digits, dashes, dots and brackets, a label before it, or spelled in characters.
"""

import re
import unicodedata
from dataclasses import dataclass

from yuanhang.core.text import folded, trimmed

LABEL = re.compile(r"^(?:tel|phone|mobile|手机号码|手机号|手机|联系电话|电话|座机|号码|sms)\s*:?")
# What a spreadsheet makes of a number that it took for one.
DECIMALS = re.compile(r"(?<=\d{11})\.0+$")
COUNTRY = re.compile(r"^(?:\+|00)?86(?=1\d{10}$)")
MOBILE = re.compile(r"1\d{10}", re.ASCII)
# Digits in words, the one for dictating (幺) and the one for cheques included.
WORDS = {
    char: str(value)
    for value, chars in enumerate(
        ["〇零○Ｏ", "一幺壹", "二贰", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖"]
    )
    for char in chars
}
# In the shadow of a text (`_shadow`): what may stand between two digits of a number.
GAP = r"[ x-]{0,3}"
START, END = r"(?<![\d.])", r"(?!\d)"
# An area code has its zero; what is local has seven or eight digits, an extension up to five.
NUMBERS = re.compile(
    rf"{START}(?:(?:\+{GAP}|0{GAP}0{GAP})?8{GAP}6{GAP})?(?P<mobile>1(?:{GAP}\d){{10}}){END}"
    rf"|{START}(?:\+{GAP}8{GAP}6{GAP})?(?P<landline>0(?:{GAP}\d){{10,11}}){END}"
    rf"|{START}\+{GAP}8{GAP}6{GAP}(?P<abroad>[1-9](?:{GAP}\d){{9,10}}){END}"
    rf"|{START}(?P<service>[48]00{GAP}\d(?:{GAP}\d){{6}}){END}"
)
# Without an area code: behind a word for it, or seven digits that are no number of a pole, no sum
# and no length.
LOCAL = re.compile(
    r"(?:(?:电话|座机|热线|tel)[ :是x]{0,4}|(?<![\da-z号#.:x-])(?<!号[: x]))"
    r"(?P<local>[2-8]\d{2}[ -]?\d{4})(?![\da-z元米号块吨年个])"
    r"|(?:电话|座机|热线|tel)[ :是x]{0,4}(?P<eight>[2-8]\d{3}[ -]?\d{4})(?!\d)"
)
EXTENSION = re.compile(r"[ x]{0,2}(?:转|ext|-)[ x]{0,2}(?P<extension>\d{1,5})(?!\d)")


def mobile_digits(text: object) -> str | None:
    """The eleven digits of a mainland mobile number, however it is written; None for another text.

    Blanks, dashes, dots, brackets, any width of digits, invisible marks, a label and +86 are taken.
    """
    plain = DECIMALS.sub("", folded("" if text is None else str(text)).strip())
    plain = LABEL.sub("", plain.strip("'\"“”‘’"))
    digits = "".join(char for char in plain if not _is_filler(char))
    digits = COUNTRY.sub("", digits)
    return digits if MOBILE.fullmatch(digits) else None


def landline(text: str) -> str | None:
    """The one landline (or 400 number) that a text is and nothing else, as we write it."""
    shown = trimmed(text)
    found = find_numbers(shown)
    if len(found) != 1 or found[0].is_mobile or (found[0].start, found[0].end) != (0, len(shown)):
        return None
    return found[0].number


def _is_filler(char: str) -> bool:
    """What people put between and around digits; never a sign that may stand for a digit (*, #)."""
    category = unicodedata.category(char)
    if category == "Po":
        return char in ".,:;·•・、。'\"/"
    return char.isspace() or category in ("Pd", "Ps", "Pe", "Pi", "Pf", "Mn", "Me")


@dataclass(frozen=True)
class Found:
    """A number in a text: where it stands and how we write it (a mobile number: eleven digits)."""

    start: int
    end: int
    number: str
    is_mobile: bool


def find_numbers(text: str) -> list[Found]:
    """The telephone numbers in a text, in their order: mobile ones, landlines, 400 and 800."""
    shadow = _shadow(text)
    found = [_found(match, shadow) for match in NUMBERS.finditer(shadow)]
    found += [_found(match, shadow) for match in LOCAL.finditer(shadow)]
    found.sort(key=lambda one: one.start)
    kept: list[Found] = []
    for one in found:
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
    return kept


def _found(match: re.Match[str], shadow: str) -> Found:
    kind = match.lastgroup or ""
    start = match.start(kind) if kind in ("local", "eight") else match.start()
    digits = re.sub(r"\D", "", match[kind])
    end = match.end()
    if kind == "abroad":
        kind, digits = "landline", f"0{digits}"
    if kind == "landline":
        # Three digits of area code for the largest cities alone.
        cut = 3 if digits[1] in "12" else 4
        digits = f"{digits[:cut]}-{digits[cut:]}"
    if kind != "mobile" and (more := EXTENSION.match(shadow, end)):
        end, digits = more.end(), f"{digits}-{more['extension']}"
    return Found(start, end, digits, kind == "mobile")


def _shadow(text: str) -> str:
    """The text with a digit for each digit of any script, `x` for what may stand between them.

    It has the length of the text, so that what is found in it is found there.
    """
    return "".join(_shadow_char(char) for char in text)


def _shadow_char(char: str) -> str:
    if char in WORDS:
        return WORDS[char]
    digit = unicodedata.digit(char, None)
    if digit is not None:
        return str(digit)
    plain = folded(char)
    if len(plain) != 1:
        return "x" if not plain else "\0"
    if plain.isspace():
        return " " if plain != "\n" else "\n"
    return plain if plain in "+:-," or plain.isalpha() else "x" if _is_filler(plain) else plain
