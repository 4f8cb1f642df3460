"""Rows of several tables that hang on one row, brought along by one question.

A page of one thing with five kinds of parts asked five times; each question took longer in Django
than in the database. PostgreSQL gives the rows of each kind as an array of JSON, and they become
instances here.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, Model, QuerySet
from django.db.models.functions import JSONObject

M = TypeVar("M", bound=Model)


class Kind(Generic[M]):
    """Rows of one model with the named fields; `unit__name` brings a field of what a key leads to.

    `extra` are annotations. Whatever else is read of such a row is asked for by itself, as with
    `only`.
    """

    def __init__(self, model: type[M], *names: str, extra: Sequence[str] = ()) -> None:
        self.model, self.extra = model, extra
        self.names = ("pk", *names, *extra)
        self._own = [model._meta.get_field(name) for name in names if "__" not in name]
        self._joined: dict[str, list[str]] = {}
        for name in names:
            key, _, rest = name.partition("__")
            if rest:
                self._joined.setdefault(key, []).append(rest)

    def of(self, rows: QuerySet[M]) -> ArraySubquery:
        """What to ask: the rows of a query set in its order, which leads to the row they hang on
        by `OuterRef`."""
        return ArraySubquery(rows.values(json=JSONObject(**{n: F(n) for n in self.names})))

    def rows(self, found: Iterable[Mapping[str, Any]]) -> list[M]:
        """The instances that the answer stands for."""
        return [self._row(one) for one in found]

    def _row(self, found: Mapping[str, Any]) -> M:
        row = _instance(self.model, [field.name for field in self._own], found, found["pk"])
        for name, parts in self._joined.items():
            field: Any = self.model._meta.get_field(name)
            key = getattr(row, field.attname)
            brought = {part: found[f"{name}__{part}"] for part in parts}
            target = None
            if key is not None:
                target = _instance(field.related_model, parts, brought, key)
            field.set_cached_value(row, target)
        for name in self.extra:
            setattr(row, name, found[name])
        return row


def _instance(model: Any, names: Iterable[str], found: Mapping[str, Any], key: Any) -> Any:
    """A row with these fields; Django takes the values in the order of the columns."""
    wanted, values, attnames = set(names), [], []
    for field in model._meta.concrete_fields:
        if field.primary_key or field.name in wanted:
            attnames.append(field.attname)
            values.append(field.to_python(key if field.primary_key else found[field.name]))
    return model.from_db("default", attnames, values)
