"""The row of a case in lists of those in charge, rendered once for all that it shows.

What depends on the clock, and where the row leads, is filled in afterwards.
"""

from dataclasses import dataclass
from functools import lru_cache

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from hazards.cases import words
from hazards.cases.models.hazards import Hazard
from hazards.cases.states import SIGNS, Sign, State

# Rows that a process keeps, about a kilobyte each.
MOST = 1000
# Their places in a kept row; no text of the database has a NUL.
FACT, URL = "\0fact\0", "\0url\0"


@dataclass(frozen=True)
class CaseRow:
    """All that a row shows of a case, but for the fact of the minute."""

    number: str
    category: str
    seal: str
    where: str
    words: str
    promise: str
    sign: Sign
    label: str
    is_pressing: bool
    taken_by: str
    photo: int | None
    fact: str = FACT
    url: str = URL

    @property
    def photo_url(self) -> str:
        """The small picture."""
        return f"{reverse('hazards:case', args=[self.number])}photos/{self.photo}/thumb/"


def row_of(hazard: Hazard, url: str = "") -> SafeString:
    """The row of a case that comes with its row facts; it leads to `url`, else to the case."""
    row = CaseRow(
        number=hazard.number,
        category=str(hazard.category),
        seal=hazard.category.seal,
        where=hazard.where,
        words=words.snippet(hazard),
        promise=words.promise(hazard),
        sign=SIGNS[State(hazard.state)],
        label=words.state_label(hazard),
        is_pressing=words.is_pressing(hazard),
        taken_by=hazard.taken_by.display_name if hazard.is_taken else "",
        photo=hazard.first_photo_key,
    )
    html = _rendered(row).replace(FACT, escape(words.row_fact(hazard)))
    return mark_safe(html.replace(URL, escape(url or hazard.get_absolute_url())))  # noqa: S308


@lru_cache(MOST)
def _rendered(row: CaseRow) -> str:
    return render_to_string("hazards/case_page/_case_row.html", {"row": row})
