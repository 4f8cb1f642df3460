"""Rows that staff edit now and then, kept by each process until their table changes.

A list names the category, grid and community of each of its rows. Joined to them they are sent,
read and made into objects fifty times over; kept, they are asked for once. The table is one that
`kept_answers.watch` watches; of another one each row is asked for each time.

What is kept are values: every request gets objects of its own, which it may well change.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

from django.db import models, router
from django.db.models.fields.related_descriptors import ForwardManyToOneDescriptor

from yuanhang.core import kept_answers

# Rows a process keeps, a few hundred bytes each; the one not used for longest goes first.
MOST = 3000

_values: OrderedDict[tuple[type[models.Model], Any], tuple[Any, tuple[Any, ...]]] = OrderedDict()
_lock = threading.Lock()


class _KeptDescriptor(ForwardManyToOneDescriptor):
    def get_object(self, instance: models.Model) -> models.Model:
        """What `instance.field` is; raises DoesNotExist as Django's own."""
        key = getattr(instance, self.field.attname)
        if self.field.target_field.primary_key:
            found = rows_of(self.field.remote_field.model, [key])
            if key in found:
                return found[key]
        return super().get_object(instance)


class KeptForeignKey(models.ForeignKey):
    """A foreign key to a watched table: its row is read from what the process keeps."""

    forward_related_accessor_class = _KeptDescriptor

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        """As Django's own: to a database it is no other field."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.ForeignKey", args, kwargs


def attach(rows: Iterable[models.Model], *names: str) -> None:
    """Give rows of one model what these foreign keys lead to; what is not kept asks once each."""
    rows = list(rows)
    if not rows:
        return
    for name in names:
        field: Any = rows[0]._meta.get_field(name)
        keys = {getattr(row, field.attname) for row in rows} - {None}
        found = rows_of(field.remote_field.model, keys)
        for row in rows:
            field.set_cached_value(row, found.get(getattr(row, field.attname)))


def rows_of(model: type[models.Model], keys: Iterable[Any]) -> dict[Any, Any]:
    """The rows of these primary keys, by key; within a request the same objects each time."""
    version = kept_answers.version_of(model._meta.db_table)
    memo = kept_answers.memo()
    found, missing = {}, []
    for key in keys:
        if (model, key) in memo:
            found[key] = memo[model, key]
        elif values := _kept(model, key, version):
            found[key] = memo[model, key] = _made(model, values)
        else:
            missing.append(key)
    if missing:
        names = [field.attname for field in model._meta.concrete_fields]
        at = names.index(model._meta.pk.attname)
        asked = model._default_manager.filter(pk__in=missing).values_list(*names)
        for values in asked:
            found[values[at]] = memo[model, values[at]] = _made(model, values)
            _keep(model, values[at], version, values)
    return found


def forget() -> None:
    """Drop every row of this process."""
    with _lock:
        _values.clear()


def _made(model: type[models.Model], values: tuple[Any, ...]) -> models.Model:
    names = [field.attname for field in model._meta.concrete_fields]
    return model.from_db(router.db_for_read(model), names, values)


def _kept(model: type[models.Model], key: Any, version: Any) -> tuple[Any, ...]:
    with _lock:
        kept_version, values = _values.get((model, key), (None, ()))
        if version is None or kept_version != version:
            return ()
        _values.move_to_end((model, key))
        return values


def _keep(model: type[models.Model], key: Any, version: Any, values: tuple[Any, ...]) -> None:
    if version is None:
        return
    with _lock:
        _values[model, key] = (version, values)
        _values.move_to_end((model, key))
        while len(_values) > MOST:
            _values.popitem(last=False)
