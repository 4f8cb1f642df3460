"""Questions that pages ask again and again: worded once in a process, planned once a connection.

To put a list's query set into SQL takes Django milliseconds, to plan its joins and its questions of
each row takes PostgreSQL as long again, and the answer itself a fraction of both. A question stays
written as a query set; it is PREPAREd on each connection, and from then on only EXECUTEd. Behind a
pooler, where the next statement may meet another server, it is sent in full.
"""

import copy
import functools
import weakref
from collections.abc import Callable, Hashable
from typing import Any

from django.conf import settings
from django.db import connections, models

# Wordings kept of each question, one for each of its shapes; the one not used for longest goes.
MOST = 64

_count = iter(range(1, 1_000_000_000))


class Mark:
    """A value that is not known when a question is worded; `kind` is its type in PostgreSQL.

    It stands where the database is given the value as it is: in `Value(…)` with an output field.
    """

    def __init__(self, name: str, kind: str):
        self.name, self.kind = name, kind


class MarkedValue(models.Value):
    """A `Value` whose parameter is a mark."""

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        """The mark itself: no field prepares it."""
        return "%s", [self.value]


def marked(name: str, kind: str, field: models.Field) -> MarkedValue:
    """What stands in a question for a value of `field` that comes when it is asked."""
    return MarkedValue(Mark(name, kind), output_field=field)


def among(column: str, name: str, kind: str) -> models.Func:
    """The condition that a column is one of the values of the list `name`, of type `kind`."""
    field = models.BooleanField()
    return models.Func(
        models.F(column),
        marked(name, kind, field),
        template="(%(expressions)s))",
        arg_joiner=" = ANY(",
        output_field=field,
    )


class _Wording:
    """A query set in words: its SQL, where its values go, and how its rows are read."""

    def __init__(self, rows: models.QuerySet[Any], *, is_planned_once: bool):
        self.rows, self.is_planned_once = rows, is_planned_once
        self.using = rows.db
        connection = connections[self.using]
        self.compiler = rows.query.get_compiler(connection=connection)
        self.sql, self.params = self.compiler.as_sql()
        self.marks = {p.name: p for p in self.params if isinstance(p, Mark)}
        self.name = f"asked_{next(_count)}"
        self.prepared: weakref.WeakSet[Any] = weakref.WeakSet()
        # A compiler that is kept keeps no connection of the thread that made it.
        self.compiler.connection = None

    def ask(self, values: dict[str, Any]) -> list[Any]:
        """The rows for these values."""
        connection = connections[self.using]
        if settings.DB_POOLED or not self.is_planned_once:
            params = [values[p.name] if isinstance(p, Mark) else p for p in self.params]
            return self._read(connection, self.sql, params)
        connection.ensure_connection()
        if connection.connection not in self.prepared:
            self._prepare(connection)
        slots = ", ".join("%s" for _mark in self.marks)
        sql = f"EXECUTE {self.name}({slots})" if slots else f"EXECUTE {self.name}"
        return self._read(connection, sql, [values[name] for name in self.marks])

    def _prepare(self, connection: Any) -> None:
        """Once a connection. It outlives a transaction that is undone."""
        numbers = {name: f"${at}" for at, name in enumerate(self.marks, 1)}
        with connection.connection.cursor() as cursor:
            words = tuple(
                numbers[p.name] if isinstance(p, Mark) else cursor.mogrify("%s", [p]).decode()
                for p in self.params
            )
            kinds = ", ".join(mark.kind for mark in self.marks.values())
            head = f"PREPARE {self.name}({kinds})" if kinds else f"PREPARE {self.name}"
            with connection.wrap_database_errors:
                cursor.execute(f"{head} AS {self.sql % words}")
        self.prepared.add(connection.connection)

    def _read(self, connection: Any, sql: str, params: list[Any]) -> list[Any]:
        compiler = copy.copy(self.compiler)
        compiler.connection = connection
        compiler.as_sql = lambda *_, **__: (sql, tuple(params))
        query = copy.copy(self.rows.query)
        query.get_compiler = lambda *_, **__: compiler
        # A clone has all that the first one was told, and this query in the place of its own.
        rows = self.rows.all()
        rows.query = query
        return list(rows)


def prepared(question: Callable[..., models.QuerySet[Any]]) -> Callable[..., list[Any]]:
    """Let a function that words a query set answer with its rows.

    It is called with hashable arguments, by which its words are kept, and with the values of its
    marks by name. One that has such arguments is sent in full. It prefetches nothing, and writes
    nothing.
    """

    @functools.lru_cache(MOST)
    def wording(*shape: Hashable) -> _Wording:
        # Each shape would stay with the server for as long as the connection does.
        return _Wording(question(*shape), is_planned_once=not shape)

    @functools.wraps(question)
    def ask(*shape: Hashable, **values: Any) -> list[Any]:
        return wording(*shape).ask(values)

    ask.forget = wording.cache_clear  # type: ignore[attr-defined]
    return ask
