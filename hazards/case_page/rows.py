"""The row of a case in lists of those in charge, rendered once for all that it shows.

What depends on the clock, and where the row leads, is filled in afterwards.
"""

from functools import lru_cache
from html import escape
from typing import NamedTuple

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from hazards.cases import words
from hazards.cases.models.hazards import Hazard
from hazards.cases.states import SIGNS, Sign, State

# Rows that a process keeps, about a kilobyte each.
MOST = 1000
# Their places in a kept row; no text of the database has a NUL.
FACT, URL, FIRST = "\0fact\0", "\0url\0", "\0first\0"


class CaseRow(NamedTuple):
    """All that a row shows of a case, but for the fact of the minute."""

    number: str
    category: str
    seal: str
    where: str
    words: str
    promise: str
    state: str
    label: str
    is_pressing: bool
    taken_by: str
    photo: int | None

    # What is filled in afterwards.
    fact, url, first = FACT, URL, FIRST

    @property
    def sign(self) -> Sign:
        """Shape and colour of its state."""
        return SIGNS[State(self.state)]

    @property
    def photo_url(self) -> str:
        """The small picture."""
        return f"{reverse('hazards:case', args=[self.number])}photos/{self.photo}/thumb/"


def row_of(hazard: Hazard, url: str = "") -> SafeString:
    """The row of a case that comes with its row facts; it leads to `url`, else to the case."""
    return _filled(_rendered(_row_of(hazard)), hazard, url or hazard.get_absolute_url())


def item_of(hazard: Hazard, url: str, *, is_first: bool) -> SafeString:
    """The same as an item of the queue's list, to be picked; the first one looks otherwise."""
    html = _rendered(_row_of(hazard), "hazards/review/_queue_item.html")
    return _filled(html.replace(FIRST, " is-first" if is_first else ""), hazard, url)


def _filled(html: str, hazard: Hazard, url: str) -> SafeString:
    html = html.replace(FACT, escape(str(words.row_fact(hazard))))
    return mark_safe(html.replace(URL, escape(url)))  # noqa: S308


def _row_of(hazard: Hazard) -> CaseRow:
    return CaseRow(
        number=hazard.number,
        category=str(hazard.category),
        seal=hazard.category.seal,
        where=hazard.where,
        words=words.snippet(hazard),
        promise=words.promise(hazard),
        state=hazard.state,
        label=words.state_label(hazard),
        is_pressing=words.is_pressing(hazard),
        taken_by=hazard.taken_by.display_name if hazard.is_taken else "",
        photo=hazard.first_photo_key,
    )


@lru_cache(MOST)
def _rendered(row: CaseRow, template: str = "hazards/case_page/_case_row.html") -> str:
    return render_to_string(template, {"row": row})
