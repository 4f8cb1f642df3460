"""Looking for a part of a text in a table that grows, by an index and without an extension.

`contains` reads every row. An index over the short runs of characters in a text finds the few rows
that have all runs of what is looked for, and only these are read: the same thought as the terms of
a case (`hazards/cases/search_terms.py`), but worked out by the database itself, so that a column
only has to be named. The function is made by a migration; databases without such indexes on
expressions answer the same questions, slowly.
"""

from collections.abc import Sequence
from typing import Any

from django.contrib.postgres.indexes import GinIndex
from django.db.models import CharField, F, Func, Lookup, TextField, Value

# Any two neighbours in a name or a title, and any one character; of a number any four digits.
WORDS, DIGITS = (1, 2), (4,)


def _array(sizes: Sequence[int]) -> str:
    return "{" + ",".join(map(str, sizes)) + "}"


def infix_index(field: str, name: str, sizes: Sequence[int] = WORDS) -> GinIndex:
    """The index by which `<field>__holds` (or `__holds_digits`, for `DIGITS`) is answered."""
    runs = Func(F(field), Value(_array(sizes)), function="yuanhang_runs")
    return GinIndex(runs, name=name)


class Holds(Lookup):
    """`name__holds="王"`: the column has this text in it, in capitals or not.

    A text shorter than the shortest run, or an empty one, is in nothing.
    """

    lookup_name, sizes = "holds", WORDS

    def get_prep_lookup(self) -> str:
        """As it is compared."""
        return str(self.rhs).lower()

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        """First by the index, then letter by letter."""
        column, params = self.process_lhs(compiler, connection)
        size = max((size for size in self.sizes if size <= len(self.rhs)), default=0)
        if not size:
            return "FALSE", []
        runs = sorted({self.rhs[at : at + size] for at in range(len(self.rhs) - size + 1)})
        # The very words of the index, as Django writes them there: else it is not used.
        indexed = f"yuanhang_runs({column}, '{_array(self.sizes)}')"
        sql = f"({indexed} @> %s::text[] AND strpos(lower({column}), %s) > 0)"
        return sql, [*params, runs, *params, self.rhs]


class HoldsDigits(Holds):
    """`phone__holds_digits="0012"`: four digits or more of a number."""

    lookup_name, sizes = "holds_digits", DIGITS


for kind in (CharField, TextField):
    for lookup in (Holds, HoldsDigits):
        kind.register_lookup(lookup)
