"""Loads categories and standard cases from the data file.

What is there already stays as staff edited it: only missing rows are added.
"""

import json
from pathlib import Path

DATA_FILE = Path(__file__).parent / "data" / "catalogue.json"


def load(category_model, case_model):
    """Add missing rows through the given model classes (a migration passes its own).

    Returns how many categories and standard cases were added.
    """
    data = json.loads(DATA_FILE.read_text(encoding="utf-8"))
    added = [0, 0]
    for row in data["categories"]:
        _category, is_new = category_model.objects.get_or_create(key=row["key"], defaults=row)
        added[0] += is_new
    for row in data["standard_cases"]:
        keys = row.pop("categories")
        identity = {
            name: row.pop(name) for name in ("scheme", "version", "kind", "code", "variant")
        }
        case, is_new = case_model.objects.get_or_create(**identity, defaults=row)
        if is_new:
            case.categories.set(category_model.objects.filter(key__in=keys))
        added[1] += is_new
    return tuple(added)
