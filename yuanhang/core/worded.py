"""Questions about other tables that a list asks of each row, put into SQL once in a process.

Django takes about a millisecond to word a `Subquery`, each time anew; eight of them took more time
than a page's answer by the database. What is asked stays written as a query set.
"""

import functools
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.db.models import F, Field, Func, Model, Subquery

Wording = tuple[str, tuple[Any, ...], Field, str]

MOST = 16  # wordings kept of each question, one for each of its arguments


class Worded(Func):
    """A `Subquery` or `Exists` over columns of one table, whose words are kept.

    `wording` gives the SQL, its parameters, the field of what it answers, and the quoted table.
    """

    def __init__(self, wording: Callable[[], Wording], columns: tuple[str, ...]):
        super().__init__(*(F(column) for column in columns))
        self.wording = wording

    @functools.cached_property
    def identity(self) -> tuple[Any, ...]:
        """What Django compares expressions by; its own way binds the constructor's signature."""
        return (self.__class__, *self.wording()[:2])

    def _resolve_output_field(self) -> Field:
        return self.wording()[2]

    def as_sql(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, tuple[Any, ...]]:
        """The words, where the rows are called as they were when it was worded.

        Raises RuntimeError within another query, in which these names would mean other rows.
        """
        sql, params, _field, table = self.wording()
        for column in self.get_source_expressions():
            if not compiler.compile(column)[0].startswith(f"{table}."):
                raise RuntimeError(f"the rows of {table} have another name here")
        return sql, params


def worded(*columns: str) -> Callable[[Callable[..., Subquery]], Callable[..., Worded]]:
    """Let a function that is given a model and hashable arguments word its `Subquery` once.

    `columns` are the columns of that model to which its `OuterRef`s lead.
    """

    def decorate(question: Callable[..., Subquery]) -> Callable[..., Worded]:
        @functools.lru_cache(MOST)
        def wording(model: type[Model], *arguments: Any) -> Wording:
            return _words_of(model, question(model, *arguments))

        @functools.wraps(question)
        def ask(*arguments: Any) -> Worded:
            return Worded(functools.partial(wording, *arguments), columns)

        return ask

    return decorate


def _words_of(model: type[Model], question: Subquery) -> Wording:
    asked = model._default_manager.annotate(it=question).order_by().values("it").query
    sql, params = asked.sql_with_params()
    table = connection.ops.quote_name(model._meta.db_table)
    head, tail = "SELECT ", f' AS "it" FROM {table}'
    if not (sql.startswith(head) and sql.endswith(tail)):
        raise ValueError(f"not about the rows of one table alone: {sql}")
    words = sql.removeprefix(head).removesuffix(tail)
    return words, tuple(params), asked.annotations["it"].output_field, table
