"""What staff edit now and then and a case leads to: taken from what the process keeps.

Joining six small tables to one row took PostgreSQL ten times as long to plan as to answer, and
Django as long again to word and to read.
"""

from collections.abc import Callable, Mapping
from typing import Any

from hazards.catalogue.models import categories_by_key, standards_by_key, symptoms_by_key
from stations.areas.kept_places import places_of
from stations.postings.models import organisations_of

# Each key of a case, and where the rows are kept; what is not among them is asked for when read.
KEPT: dict[str, Callable[[Any], Mapping[Any, Any]]] = {
    "category": lambda _case: categories_by_key(),
    "symptom": lambda _case: symptoms_by_key(),
    "standard_case": lambda _case: standards_by_key(),
    "community": lambda case: places_of(case.subdistrict_id).community_of,
    "grid": lambda case: places_of(case.subdistrict_id).grid_of,
    "organisation": lambda case: organisations_of(case.subdistrict_id),
}


def furnish(case: Any) -> None:
    """Give a row of `Hazard` the kept rows it leads to; they are everybody's."""
    for name, rows_of in KEPT.items():
        field = case._meta.get_field(name)
        key = getattr(case, field.attname)
        if key is None or field.is_cached(case):
            continue
        row = rows_of(case).get(key)
        if row is not None:
            field.set_cached_value(case, row)
