"""Making, editing and removing a row that has no verbs of its own, each with its audit event.

Nouns with rules bring their own verbs; the admin falls back on these, so that no door of the
admin (page, list, list action, inline) changes a row without a trace.
"""

from collections.abc import Iterable
from typing import Any

from django.db import models, transaction

from yuanhang.core import audit
from yuanhang.core.erasures import erasures


def _kind(verb: str, row: models.Model) -> str:
    return f"{row._meta.app_label}.{verb}_{row._meta.model_name}"


@transaction.atomic
def create(row: Any, *, by: Any, parent: models.Model | None = None) -> Any:
    """Store a new row; returns it."""
    row.save()
    audit.record(_kind("create", row), row, by=by, parent=parent)
    return row


@transaction.atomic
def edit(row: Any, *, by: Any, fields: Iterable[str], parent: models.Model | None = None) -> Any:
    """Store a row whose named fields were changed; returns it."""
    row.save()
    changes = {"fields": sorted(fields)}
    audit.record(_kind("edit", row), row, by=by, parent=parent, changes=changes)
    return row


@transaction.atomic
def remove(row: Any, *, by: Any, parent: models.Model | None = None) -> None:
    """Delete a row. Raises ProtectedError where others refer to it."""
    audit.record(_kind("remove", row), row, by=by, parent=parent)
    erasures.delete(row)
