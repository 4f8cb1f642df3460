"""The notice's text, and what it says of how long things are kept: made from the table of rules."""

from pathlib import Path

from workers.models import PrivacyNotice
from yuanhang.core import retention

FILE = Path(__file__).parent / "privacy_notice.txt"
PLACE = "{retention}"  # where the rules stand in the file


def first_text() -> str:
    """The text that comes with the product, with the rules as they are now."""
    return FILE.read_text(encoding="utf-8").strip().replace(PLACE, retention.paragraph())


def is_true(notice: PrivacyNotice) -> bool:
    """Whether a notice says every rule of the table, and so what really happens."""
    return all(row.in_words() in notice.text for row in retention.rules())


def next_text() -> str:
    """The text to begin the next version with: the one in force, with the rules of today.

    Only the paragraph that speaks of keeping is replaced; what staff wrote elsewhere stays.
    """
    template = FILE.read_text(encoding="utf-8").strip()
    line = next(line for line in template.splitlines() if PLACE in line)
    fresh, head = line.replace(PLACE, retention.paragraph()), line.partition(PLACE)[0]
    notice = PrivacyNotice.current()
    if notice is None:
        return first_text()
    lines = notice.text.splitlines()
    if not any(old.startswith(head) for old in lines):
        return f"{notice.text.rstrip()}\n\n{fresh}"
    return "\n".join(fresh if old.startswith(head) else old for old in lines)
