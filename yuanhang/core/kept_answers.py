"""Answers about tables that staff edit now and then, kept by each process until a table changes.

A trigger gives a watched table a new random version with each change, in the transaction of the
change. A request asks for all versions once; what was answered under the same version is the answer
still. No version comes back, so what a transaction that was undone has left here is never used.

Answers are shared by threads: whoever gets one must not change it.
"""

import functools
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db import migrations
from django.db.models import F, Subquery
from django.db.models.functions import JSONObject
from django.db.models.signals import m2m_changed, post_delete, post_save

from yuanhang.core.models import TableVersion

P = ParamSpec("P")
R = TypeVar("R")

# Answers a process keeps; the one that was not used for longest goes first.
MOST = 500

_kept: OrderedDict[Hashable, tuple[tuple[Any, ...], Any]] = OrderedDict()
_lock = threading.Lock()
_tables: set[str] = set()


class _Reading(threading.local):
    """The versions as the request of this thread has read them."""

    is_open = False
    versions: dict[str, Any] | None = None
    # Objects made for this request, which are gone with its versions.
    memo: dict[Any, Any] | None = None


_reading = _Reading()


def watch(*tables: str) -> migrations.RunSQL:
    """The step of a migration that lets changes of these tables be noticed."""
    calls = [(f"SELECT yuanhang_watch('{table}')") for table in tables]
    ends = [f"DROP TRIGGER IF EXISTS kept_answers ON {table}" for table in tables]
    return migrations.RunSQL(calls, ends)


def watch_column(table: str, column: str) -> migrations.RunSQL:
    """The same for one column of a table that is written all the time."""
    calls = [f"SELECT yuanhang_watch_column('{table}', '{column}')"]
    return migrations.RunSQL(calls, [f"DROP TRIGGER IF EXISTS kept_answers ON {table}"])


def kept(*tables: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Keep what a function answers while none of these watched tables changes.

    It is called with hashable positional arguments, and asks nothing but these tables.
    """
    _tables.update(tables)

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(function)
        def answer(*arguments: P.args, **named: P.kwargs) -> R:
            versions = _versions()
            token = tuple(versions.get(table) for table in tables)
            if None in token or named:
                return function(*arguments, **named)
            key = (function, arguments)
            with _lock:
                found = _kept.get(key)
                if found is not None and found[0] == token:
                    _kept.move_to_end(key)
                    return found[1]  # type: ignore[no-any-return]
            # Read after the version: at worst newer than it, and then read once more.
            fresh = function(*arguments)
            with _lock:
                _kept[key] = (token, fresh)
                _kept.move_to_end(key)
                while len(_kept) > MOST:
                    _kept.popitem(last=False)
            return fresh

        return answer

    return decorate


@contextmanager
def one_reading() -> Iterator[None]:
    """Let everything within ask for the versions once; what this thread saves is noticed."""
    _reading.is_open, _reading.versions, _reading.memo = True, None, {}
    try:
        yield
    finally:
        _reading.is_open, _reading.versions, _reading.memo = False, None, None


def version_of(table: str) -> Any:
    """The version of a watched table now, as this request has read it; None of any other table."""
    _tables.add(table)
    return _versions().get(table)


def memo() -> dict[Any, Any]:
    """What this request has made of kept answers, until it saves; outside of a request nothing."""
    return {} if _reading.memo is None else _reading.memo


def all_versions() -> Subquery:
    """The versions of all tables, to be asked for with another row; for `take`."""
    rows = TableVersion.objects.order_by().values("name", "version")
    pairs = JSONObject(name=F("name"), version=F("version"))
    return ArraySubquery(rows.values(json=pairs))


def take(versions: Iterable[dict[str, str]]) -> None:
    """Use versions that came with another row of this request, unless it knows them already."""
    if _reading.is_open and _reading.versions is None:
        _reading.versions = {row["name"]: UUID(row["version"]) for row in versions}


def forget() -> None:
    """Drop every answer of this process."""
    with _lock:
        _kept.clear()


def _versions() -> dict[str, Any]:
    if _reading.versions is not None:
        return _reading.versions
    found = dict(TableVersion.objects.values_list("name", "version"))
    if _reading.is_open:
        _reading.versions = found
    return found


def _notice(sender: Any, **_: Any) -> None:
    if sender._meta.db_table in _tables:
        _reading.versions = None
        if _reading.memo is not None:
            _reading.memo = {}


for _signal in (post_save, post_delete, m2m_changed):
    _signal.connect(_notice, dispatch_uid="kept_answers")
