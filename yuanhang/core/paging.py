"""Long lists one page at a time, by the key of the last row shown.

A key is the values of the columns that a list is sorted by, the last of which is unique. A key that
is none of ours gives the first page.
"""

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import F, Func, Q, QuerySet, TextField, Value
from django.db.models.lookups import GreaterThan, LessThan
from django.utils.dateparse import parse_datetime

WHOLE_NUMBER_MAX = 2**63 - 1  # what a primary key's column holds


class Page(NamedTuple):
    """The rows of one page, and the key of the next one, empty at the end of the list."""

    rows: list[Any]
    following: str


@dataclass(frozen=True)
class Column:
    """A column that a list is sorted by; `read` makes its value of what stands in a key.

    `read` raises ValueError or TypeError for what is none.
    """

    name: str
    read: Callable[[Any], Any]
    is_descending: bool = False

    @property
    def order(self) -> str:
        return f"-{self.name}" if self.is_descending else self.name

    def beyond(self, value: Any) -> Q:
        """What comes after a value in the list's order."""
        return Q(**{f"{self.name}__{'lt' if self.is_descending else 'gt'}": value})

    def not_before(self, value: Any) -> Q:
        """That value and what comes after it."""
        return Q(**{f"{self.name}__{'lte' if self.is_descending else 'gte'}": value})


def read_number(value: Any) -> int:
    """A whole number that a column holds."""
    if type(value) is not int or not 0 <= value <= WHOLE_NUMBER_MAX:
        raise ValueError(value)
    return value


def read_moment(value: Any) -> datetime:
    """An ISO 8601 moment with its offset."""
    moment = parse_datetime(value) if isinstance(value, str) else None
    if moment is None or moment.tzinfo is None:
        raise ValueError(value)
    return moment


def read_day(value: Any) -> date:
    """An ISO 8601 day."""
    return date.fromisoformat(value)


def read_text(value: Any) -> str:
    """Text that the database takes."""
    if not isinstance(value, str) or "\0" in value:
        raise ValueError(value)
    return value


NEWEST_FIRST = (Column("pk", read_number, is_descending=True),)
OLDEST_FIRST = (Column("pk", read_number),)


def page_of(
    rows: QuerySet[Any],
    cursor: str,
    size: int,
    columns: Sequence[Column],
    read: Callable[[list[Any]], dict[Any, Any]] | None = None,
) -> Page:
    """The page of `rows` behind a key, sorted by `columns`; one query.

    With `read`, which gives the rows of primary keys by key, that query finds no more than the
    keys: rows that cost much are asked for in the same words whatever the list is narrowed by.
    """
    key = _values(decode_cursor(cursor, len(columns)), columns)
    if key is not None:
        rows = rows.filter(_behind(columns, key))
    if read is not None:
        rows = rows.values_list(*(column.name for column in columns), named=True)
    # One row more than the page is read: it tells whether there is a next one.
    found = list(rows.order_by(*(column.order for column in columns))[: size + 1])
    following = encode_cursor(_key_of(found[size - 1], columns)) if len(found) > size else ""
    if read is None:
        return Page(found[:size], following)
    # Whoever was erased between the two questions is left out.
    keys = [row.pk for row in found[:size]]
    read_rows = read(keys)
    return Page([read_rows[key] for key in keys if key in read_rows], following)


def is_first_page(cursor: str, columns: Sequence[Column]) -> bool:
    """Whether `page_of` begins at the top: without a key, and for one that is none."""
    return _values(decode_cursor(cursor, len(columns)), columns) is None


def _behind(columns: Sequence[Column], key: Sequence[Any]) -> Any:
    """The rows behind a key: further in one column and equal in those before it.

    Columns that all go one way are compared as one row, so an index over them begins exactly there.
    """
    if len(columns) > 1 and len({column.is_descending for column in columns}) == 1:
        further = LessThan if columns[0].is_descending else GreaterThan
        return further(_Row(*(F(column.name) for column in columns)), _Row(*map(Value, key)))
    condition, equal = Q(pk__in=[]), Q()
    for column, value in zip(columns, key, strict=True):
        condition |= equal & column.beyond(value)
        equal &= Q(**{column.name: value})
    # The bound on the first column alone lets the index begin near the page.
    return columns[0].not_before(key[0]) & condition


class _Row(Func):
    """Several values that are compared as one: the first that differs decides."""

    template = "(%(expressions)s)"
    output_field = TextField()  # never read; comparing asks for one


def _values(key: list[Any] | None, columns: Sequence[Column]) -> list[Any] | None:
    try:
        return None if key is None else [c.read(v) for c, v in zip(columns, key, strict=True)]
    except (ValueError, TypeError, OverflowError):
        return None


def _key_of(row: Any, columns: Sequence[Column]) -> list[Any]:
    values = (getattr(row, column.name) for column in columns)
    return [v.isoformat() if isinstance(v, date) else v for v in values]


def encode_cursor(values: Any) -> str:
    """A key as URL-safe text."""
    text = json.dumps(values, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_cursor(text: str, length: int) -> list[Any] | None:
    """The key of `length` values, or None when the text is none of ours."""
    try:
        values = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, UnicodeError, RecursionError):
        return None
    return values if isinstance(values, list) and len(values) == length else None
