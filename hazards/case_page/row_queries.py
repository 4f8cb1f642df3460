"""Cases by their keys, with all that a row of a list and the page of a case ask of them."""

from collections.abc import Iterable

from django.db.models import QuerySet

from hazards.cases.models.hazards import Hazard
from stations.postings.access import grid_is_held
from yuanhang.core.kept_rows import attach
from yuanhang.core.prepared import among, prepared

# What staff edit now and then is not joined to the rows, but kept.
KEPT = ("category", "grid", "community", "standard_case", "organisation")
# What a mark says, and what its words are made of.
MARKED = (
    *("number", "latitude", "longitude", "place", "description", "heard", "urgency", "state"),
    *("submitted_at", "waiting_since", "accepted_at", "acknowledge_due_at", "secure_due_at"),
    *("fix_due_at", "fixed_at", "secured_at", *KEPT),
)


def cases_by_key(keys: Iterable[int]) -> dict[int, Hazard]:
    """The cases of these keys, by key, in no order; one query, where their tables are kept.

    With the row facts, whoever took one, and whether somebody holds its grid today.
    """
    return _by_key(_cases(keys=list(keys)))


def marks_by_key(keys: Iterable[int]) -> dict[int, Hazard]:
    """The same with no more than a mark on the map says: hundreds of them are drawn at once."""
    return _by_key(_marks(keys=list(keys)))


def _by_key(found: list[Hazard]) -> dict[int, Hazard]:
    attach(found, *KEPT)
    held = {key: grid_is_held(key) for key in {case.grid_id for case in found}}
    for case in found:
        case.grid_is_held = held[case.grid_id]
    return {case.pk: case for case in found}


@prepared
def _marks() -> QuerySet[Hazard]:
    cases = Hazard.objects.filter(among("id", "keys", "bigint[]")).order_by()
    return cases.with_row_facts().only(*MARKED)


@prepared
def _cases() -> QuerySet[Hazard]:
    cases = Hazard.objects.filter(among("id", "keys", "bigint[]")).order_by()
    rows = cases.with_row_facts()
    # What words are found by is a long array, which no page reads.
    return rows.select_related("taken_by").defer("search")
