"""Text as people and their devices write it; pure, no models.

Copying brings along characters that nobody sees, and keyboards know many that look alike. What is
stored or sent goes through `clean`, what is compared through `folded`, numbers and codes through
`compact`, and `is_visible` says whether there is anything to read. No one else decides that.
"""

import re
import unicodedata

# What some writer or other meant as a line break: Word's soft break, a page break, a lone CR,
# NEL, and Unicode's own separators of lines and paragraphs.
LINE_BREAK = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
# Format characters that are part of what is read: the joiners of emoji and of Persian, the signs
# that Arabic, Syriac and Kaithi put around numbers, and the letters in the flag of a region.
JOINERS = "\u200c\u200d"
NUMBER_SIGNS = "\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
REGION_FLAG = re.compile("\U0001f3f4[\U000e0020-\U000e007e]{1,6}\U000e007f")
KEPT = re.compile(f"[{JOINERS}{NUMBER_SIGNS}]")
# Letters and signs in name only: they take room, or not even that, and show nothing.
BLANKS = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\ufff0-\ufff8\U00016fe4\U0001d159\U000e0000-\U000e0fff]"
)
# Dashes that Unicode does not count among its dashes, by kind or by look.
MORE_DASHES = str.maketrans(dict.fromkeys("\u2212\u2043\u207b\u208b\u02d7\u2796\u00af", "-"))
OTHER_DASHES = str.maketrans(dict.fromkeys("~\u30fc\u4e00\u2500\u2501\u4e28_", "-"))
# What looks like an ASCII capital in the letters of Greek and Russian keyboards.
LETTERS_ALIKE = str.maketrans("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧАВЕКМНОРСТУХІЅЈ", "ABEZHIKMNOPTYXABEKMHOPCTYXISJ")
DIGITS_ALIKE = str.maketrans("OIL|〇○", "011100")


def clean(text: str) -> str:
    """The text with one kind of line break and without what no screen, file or message can show.

    Drops control characters, those that turn the direction of whatever follows, invisible ones,
    halves of characters, and code points that are none. Nothing that is read changes.
    """
    if text.isascii() and text.isprintable():
        return text
    text = LINE_BREAK.sub("\n", text)
    kept: list[str] = []
    at = 0
    for flag in REGION_FLAG.finditer(text):
        kept += [_shown(text[at : flag.start()]), flag[0]]
        at = flag.end()
    return "".join([*kept, _shown(text[at:])])


def _shown(text: str) -> str:
    return "".join(char for char in text if char in "\n\t" or _is_shown(char))


def _is_shown(char: str) -> bool:
    category = unicodedata.category(char)
    if category == "Cf":
        return KEPT.match(char) is not None
    return category not in ("Cc", "Cs") and not is_noncharacter(char)


def is_noncharacter(char: str) -> bool:
    """Whether Unicode promises never to assign this one (U+FFFE, U+FFFF and the like)."""
    code = ord(char)
    return code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF


def one_line(text: str) -> str:
    """The cleaned text on a single line, for names and titles."""
    return " ".join(clean(text).split())


def is_visible(text: str) -> bool:
    """Whether a reader sees anything: letters, digits, punctuation or signs, not marks alone."""
    shown = BLANKS.sub("", clean(text))
    return any(unicodedata.category(char)[0] not in "CZM" or _is_new(char) for char in shown)


def _is_new(char: str) -> bool:
    # Signs younger than our tables, such as next year's emoji, and rare characters of a region.
    return unicodedata.category(char) in ("Cn", "Co")


def folded(text: str) -> str:
    """The text as it is compared: one width, one dash, one case, nothing invisible in it."""
    text = unicodedata.normalize("NFKC", clean(text)).translate(MORE_DASHES)
    kept = (_folded_char(char) for char in BLANKS.sub("", text))
    return "".join(kept).lower()


def _folded_char(char: str) -> str:
    category = unicodedata.category(char)
    if category in ("Cf", "Cs") or is_noncharacter(char):
        return ""
    if category == "Cc" or category[0] == "Z":
        return "\n" if char == "\n" else " "
    return "-" if category == "Pd" else char


def is_punctuation(char: str) -> bool:
    # Some signs mean something where they stand: 5 %, A&B, a@b.
    return unicodedata.category(char)[0] == "P" and char not in "%&@*_"


def trimmed(word: str) -> str:
    """A word without the punctuation and the blanks around it."""
    start, end = 0, len(word)
    while start < end and (word[start].isspace() or is_punctuation(word[start])):
        start += 1
    while end > start and (word[end - 1].isspace() or is_punctuation(word[end - 1])):
        end -= 1
    return word[start:end]


def compact(text: str) -> str:
    """A number or code as it is compared: capitals, no blanks, ASCII where something looks so."""
    text = "".join(folded(text).split()).upper()
    return trimmed(text.translate(OTHER_DASHES).translate(LETTERS_ALIKE))


def only_digits(text: str) -> str:
    """A code of digits as it is compared; letters that look like one count as one.

    A label before it (「查询码：」) and dashes inside are left out. What is none stays none.
    """
    return code_of(compact(text).translate(DIGITS_ALIKE)).replace("-", "")


def code_of(text: str) -> str:
    """A code in capitals as it is compared, without a label before it and dots inside."""
    return re.sub(r"^.*[^\x00-\x7f]|[.:]", "", compact(text))
