"""Rows of several tables stored in one question, so that whoever holds a lock holds it briefly.

Everything is worded before the lock is taken; behind it one text is filled in where it was not
known before (the number of a case), and one round trip stores all rows.
"""

import functools
from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection, models
from django.db.models import sql


@functools.cache
def _insert(model: type[models.Model]) -> tuple[str, tuple[models.Field, ...]]:
    """The words of one row's INSERT and its columns, as Django makes them; once a process."""
    fields = tuple(field for field in model._meta.concrete_fields if not field.generated)
    query = sql.InsertQuery(model)
    query.insert_values(fields, [model()])
    compiler = query.get_compiler(connection=connection)
    ((words, values),) = compiler.as_sql()
    if len(values) != len(fields):
        raise TypeError(f"a column of {model.__name__} is no plain value")
    return words, fields


def next_keys(*tables: type[models.Model]) -> list[int]:
    """A primary key for a new row of each of these models, in one question."""
    quote = connection.ops.quote_name
    asked = ", ".join(
        f"nextval(pg_get_serial_sequence('{quote(table._meta.db_table)}', 'id'))"
        for table in tables
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {asked}")
        return list(cursor.fetchone())


class Together:
    """New rows on their way; those that others refer to have their keys, see `next_keys`.

    No signals are sent, and what the database reckons out itself is read when it is asked for.
    """

    def __init__(self, rows: Sequence[models.Model]) -> None:
        self._rows = rows
        words, self._values = [], []
        for row in rows:
            text, fields = _insert(type(row))
            words.append(text if row.pk else _without_key(type(row)))
            for field in fields:
                if field.primary_key and not row.pk:
                    continue
                value = field.pre_save(row, add=True)
                self._values.append(field.get_db_prep_save(value, connection))
        self._words = "; ".join(words)

    def store(self, fill: Callable[[Any], Any] | None = None) -> None:
        """Insert all of them; `fill` gives what each value is by now."""
        values = [fill(value) for value in self._values] if fill else self._values
        with connection.cursor() as cursor:
            cursor.execute(self._words, values)
        for row in self._rows:
            row._state.adding, row._state.db = False, connection.alias


@functools.cache
def _without_key(model: type[models.Model]) -> str:
    """The INSERT of a row to which nothing refers: the table gives it its key."""
    fields = [field for field in _insert(model)[1] if not field.primary_key]
    query = sql.InsertQuery(model)
    query.insert_values(fields, [model()])
    ((words, _values),) = query.get_compiler(connection=connection).as_sql()
    return str(words)
