"""Long lists one page at a time, by the key of the last row shown. Bad keys give the first page."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.db.models import Q

from yuanhang.core.http import decode_cursor, encode_cursor

LARGEST = 2**63  # what a primary key's column holds


def by_pk(rows: Any, cursor: str, size: int, *, newest: bool = True) -> tuple[list[Any], str]:
    """(one page, the next page's key or "") of rows by primary key, newest or oldest first."""
    pk = _pk(decode_cursor(cursor, 1) or [None])
    if pk is not None:
        rows = rows.filter(pk__lt=pk) if newest else rows.filter(pk__gt=pk)
    return _cut(rows.order_by("-pk" if newest else "pk"), size, lambda row: [row.pk])


def by_day(rows: Any, cursor: str, size: int, *, day: str = "on") -> tuple[list[Any], str]:
    """The same of rows by a date and primary key, newest first; `day` names the date."""
    key = decode_cursor(cursor, 2) or [None, None]
    pk = _pk(key)
    try:
        last = date.fromisoformat(key[0])
    except (TypeError, ValueError):
        last = None
    if last is not None and pk is not None:
        # The first condition alone lets the index begin where the page does.
        earlier = Q(**{f"{day}__lt": last}) | Q(**{day: last}, pk__lt=pk)
        rows = rows.filter(earlier, **{f"{day}__lte": last})
    rows = rows.order_by(f"-{day}", "-pk")
    return _cut(rows, size, lambda row: [getattr(row, day).isoformat(), row.pk])


def _pk(key: list[Any]) -> int | None:
    try:
        pk = int(key[-1])
    except (TypeError, ValueError, OverflowError):
        return None
    return pk if 0 <= pk < LARGEST else None


def _cut(rows: Any, size: int, key_of: Callable[[Any], list[Any]]) -> tuple[list[Any], str]:
    """One row more than the page is read: it tells whether there is a next one."""
    found = list(rows[: size + 1])
    more = len(found) > size
    return found[:size], encode_cursor(key_of(found[size - 1])) if more else ""
