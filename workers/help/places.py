"""Forgetting where somebody stood: at the end of a request, for good, backups included."""

from datetime import datetime
from typing import Any

from workers.help.models import HelpRequest
from yuanhang.core.erasures import erasures
from yuanhang.core.erasures.erasures import Eraser

KEY, MODEL = "workers.help_place", "workers.helprequest"
NOWHERE = {"latitude": None, "longitude": None, "accuracy": None, "place": ""}


def forget_place(row: HelpRequest) -> None:
    """Leave nothing of the place but its grid. The caller locked the row, and saves it."""
    if row.has_point or row.place:
        erasures.note(KEY, MODEL, [row.pk])
    for name, value in NOWHERE.items():
        setattr(row, name, value)


def _forget(keys: list[Any], _now: datetime) -> None:
    HelpRequest.objects.filter(pk__in=keys).update(**NOWHERE)


ERASERS = (Eraser(KEY, MODEL, _forget),)
