"""Erasing, for every room: noted outside the database before it happens, in its transaction.

A backup brings back what it holds; this list says what of it must go again. Whoever erases calls
`note` (a rule of retention is noted by `yuanhang/core/retention.py`) or deletes by `delete`. The
order makes a crash harmless: the line is on the disk before the rows are touched, so a row never
goes without a line, and a line whose transaction did not end well is taken back by `settle`.
"""

import logging
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.db import connection, models
from django.utils import timezone
from django.utils.translation import gettext as _

from yuanhang.core.erasures import erasure_list
from yuanhang.core.erasures.erasure_list import Erasure
from yuanhang.core.errors import ErasuresUnwritableError

logger = logging.getLogger(__name__)

DELETE = "delete"  # the eraser of whole rows, with what hangs on them
SETTLED_AFTER = timedelta(days=1)  # older lines were settled by an earlier run
_here = threading.local()


@dataclass(frozen=True)
class Eraser:
    """How rows of a model are made to tell nothing: `forget` gets primary keys and a moment.

    `forget` must do with a row in whatever state a backup holds it, and with one that is gone. The
    rules of retention are erasers too; others are named in `RoomConfig.erasers`.
    """

    key: str
    model: str
    forget: Callable[[list[Any], datetime], object]


def note(how: str, model: str, ids: "models.QuerySet | list[Any]") -> None:
    """Put an erasure on the list; the caller then carries it out in the same transaction.

    `how` is the key of an eraser, `model` a label. Raises ErasuresUnwritableError when the list
    cannot be written: nothing may be erased that a restore would bring back.
    """
    keys = [_plain(key) for key in ids]
    if not keys or getattr(_here, "replays", False):
        return
    if not connection.in_atomic_block:
        raise RuntimeError("An erasure is noted in the transaction that carries it out.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        number = cursor.fetchone()[0]
    line = {
        "number": uuid.uuid4().hex,
        "at": timezone.now().isoformat(),
        "how": how,
        "model": model,
        "ids": keys,
        "transaction": number,
    }
    try:
        erasure_list.append(line)
    except OSError as error:
        logger.error("the list of erasures cannot be written (%s); nothing was erased", error)
        raise ErasuresUnwritableError(_("现在删不了，过一会儿再试。")) from error


def _plain(key: Any) -> Any:
    """A primary key as JSON holds it."""
    return key if isinstance(key, int) else str(key)


def delete(rows: "models.QuerySet | models.Model") -> int:
    """Delete rows for good, with what hangs on them and their files; returns how many.

    Noted in the caller's transaction, so that no backup brings them back.
    """
    if isinstance(rows, models.Model):
        model, ids = type(rows), [rows.pk]
    else:
        model, ids = rows.model, list(rows.values_list("pk", flat=True))
    note(DELETE, model._meta.label_lower, ids)
    if isinstance(rows, models.Model):
        rows.delete()
    elif ids:
        model._default_manager.filter(pk__in=ids).delete()
    return len(ids)


@contextmanager
def replaying() -> Iterator[None]:
    """What is erased inside stands on the list already."""
    _here.replays = True
    try:
        yield
    finally:
        _here.replays = False


# --- lines whose transaction did not end well --------------------------------------------------


def settle(now: datetime | None = None) -> int:
    """Take back lines of the last day whose rows were not erased after all; returns how many.

    A process may die, or a transaction be rolled back, between the line and the commit. A line
    that nobody could settle counts as erased: that errs on the side of forgetting.
    """
    if not erasure_list.path().exists():
        return 0
    since, count = (now or timezone.now()) - SETTLED_AFTER, 0
    contents = erasure_list.read(erasure_list.path())
    begun = contents.restored_at[-1] if contents.restored_at else 0
    for one in erasure_list.lasting(contents):
        if one.at < since or contents.places[one.number] < begun:
            continue
        if ids := _not_erased(one):
            erasure_list.append({"taken_back": one.number, "ids": ids})
            count += 1
    return count


def _not_erased(one: Erasure) -> list[Any]:
    """The rows of a line that stayed: all after a rollback, some after one to a savepoint."""
    status = _status(one.transaction)
    if status == "aborted" or (status == "committed" and one.how == DELETE):
        there = apps.get_model(one.model)._default_manager.filter(pk__in=one.ids)
        return [_plain(key) for key in there.values_list("pk", flat=True)]
    return []


def _status(number: int) -> str:
    """How a transaction ended; empty when the server does not know it (any more)."""
    with connection.cursor() as cursor:
        # A number that the server has not given yet is an error to it: another server's line.
        cursor.execute(
            "SELECT CASE WHEN %s < pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
            " THEN pg_xact_status(%s::text::xid8) END",
            [number, number],
        )
        return cursor.fetchone()[0] or ""
