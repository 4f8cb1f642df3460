"""Reference data: rows that come with the product and are staff's to edit from then on.

They are loaded after migrate, with the models as they are by then, so that a key added to a data
file reaches old deployments and breaks no fresh one. Each row is handed out once in the life of a
database: what staff changed stays changed, what they deleted stays deleted.
"""

from collections.abc import Callable, Mapping
from typing import Any

from yuanhang.core.models import ReferenceRow


def add_missing(name: str, rows: Mapping[str, Any], add: Callable[[str, Any], object]) -> list[str]:
    """Call `add(key, row)` for each row this database never got; returns their keys.

    `name` is the data set's, dotted, and `key` a row's within it: together at most 150 characters.
    """
    known = ReferenceRow.objects.filter(name__startswith=f"{name}:")
    known = set(known.values_list("name", flat=True))
    missing = [key for key in rows if f"{name}:{key}" not in known]
    for key in missing:
        add(key, rows[key])
    ReferenceRow.objects.bulk_create(ReferenceRow(name=f"{name}:{key}") for key in missing)
    return missing
