"""Cases by their keys, with all that a row of a list and the page of a case ask of them."""

from collections.abc import Iterable

from django.db.models import DateField, QuerySet
from django.utils import timezone

from hazards.case_page.flags import with_flags
from hazards.cases.models import row_questions
from hazards.cases.models.hazards import Hazard
from yuanhang.core.kept_rows import attach
from yuanhang.core.prepared import among, marked, prepared

# What staff edit now and then is not joined to the rows, but kept.
KEPT = ("category", "grid", "community", "standard_case", "organisation")


def cases_by_key(keys: Iterable[int]) -> dict[int, Hazard]:
    """The cases of these keys, by key, in no order; one query, where their tables are kept.

    With the row facts and the flags, whoever took one, and whether somebody holds its grid today.
    """
    found = _cases(keys=list(keys), day=timezone.localdate())
    attach(found, *KEPT)
    return {case.pk: case for case in found}


@prepared
def _cases() -> QuerySet[Hazard]:
    cases = Hazard.objects.filter(among("id", "keys", "bigint[]")).order_by()
    held = row_questions.grid_is_held(Hazard, marked("day", "date", DateField()))
    rows = with_flags(cases.with_row_facts()).annotate(grid_is_held=held)
    # What words are found by is a long array, which no page reads.
    return rows.select_related("taken_by").defer("search")
