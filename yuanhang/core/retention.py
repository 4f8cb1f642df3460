"""How long what is kept: one table of rules, gathered from the rooms and carried out at night.

A noun declares its rules beside its verbs and its app names them (`RoomConfig.retention_rules`),
so that the floor knows no noun. The privacy notice says what the table says: its paragraph is
made of the rules' words.
"""

import calendar
import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from yuanhang.core import audit, rooms
from yuanhang.core.erasures import erasures
from yuanhang.core.erasures.erasures import Eraser

logger = logging.getLogger(__name__)

BATCH = 200  # rows a transaction: nobody waits long for a lock
SECONDS_A_RUN = 30  # the queue ends a job after 60; what is left is queued again


@dataclass(frozen=True)
class Span:
    """A length of time as people promise it: whole months of the local calendar, and days."""

    months: int = 0
    days: int = 0

    def before(self, moment: datetime) -> datetime:
        """The moment so long before `moment`, by the local clock.

        Where the month is too short its last day stands for the missing one, so that nothing goes
        before its time.
        """
        local = timezone.localtime(moment)
        year, month = divmod(local.year * 12 + local.month - 1 - self.months, 12)
        day = min(local.day, calendar.monthrange(year, month + 1)[1])
        return local.replace(year=year, month=month + 1, day=day) - timedelta(days=self.days)

    def __str__(self) -> str:
        months = _("%(n)d 个月") % {"n": self.months} if self.months else ""
        return months + (_("%(n)d 天") % {"n": self.days} if self.days else "")


@dataclass(frozen=True)
class RetentionRule:
    """One row of the table.

    `model` is a label. `is_due` gives the condition of the rows whose time came before a moment;
    it is asked with the moment `after` ago. `forget` gets keys of such rows, locked, and the
    present moment; a backup that was restored calls it too, with rows in whatever state it holds
    them. Without one the rows are deleted. `along` adds the keys of rows that have to go with
    them. Files go with the rows that name them. `words` say it in the privacy notice, `%(after)s`
    being the span. `hourly` is for what may not wait for the night.
    """

    key: str
    model: str
    after: Span
    is_due: Callable[[datetime], Q]
    words: Any
    forget: Callable[[list[Any], datetime], object] | None = None
    along: Callable[[list[Any]], list[Any]] | None = None
    hourly: bool = False

    def rows(self) -> QuerySet[Any]:
        """All rows that the rule may ever speak of."""
        return apps.get_model(self.model)._default_manager.all()

    def due(self, now: datetime) -> QuerySet[Any]:
        """The rows whose time has come."""
        return self.rows().filter(self.is_due(self.after.before(now)))

    def eraser(self) -> Eraser:
        """How its rows are made to tell nothing."""
        return Eraser(self.key, self.model, self.forget or self._delete)

    def _delete(self, keys: list[Any], _now: datetime) -> None:
        self.rows().filter(pk__in=keys).delete()

    def in_words(self) -> str:
        """The rule as the notice says it."""
        return str(self.words) % {"after": self.after}


def rules() -> Iterator[RetentionRule]:
    """The whole table, in the order of the apps."""
    for room in apps.get_app_configs():
        if isinstance(room, rooms.RoomConfig):
            for path in room.retention_rules:
                yield from import_string(path)


def rule(key: str) -> RetentionRule:
    """A row by its key. Raises KeyError when no room brings it any more."""
    return {row.key: row for row in rules()}[key]


def paragraph() -> str:
    """What the notice says of the whole table, without the last full stop."""
    return "，".join(row.in_words() for row in rules())


def _carry_out(row: RetentionRule, keys: list[Any], now: datetime) -> int:
    """Look again under a lock, put what is still due on the list of erasures, and forget it."""
    due = row.due(now).filter(pk__in=keys).order_by("pk")
    # What is held by somebody may wait for the next night, but not for another hour.
    held = due.select_for_update(of=("self",), skip_locked=not row.hourly)
    locked = list(held.values_list("pk", flat=True))
    if locked:
        gone = locked + (row.along(locked) if row.along else [])
        erasures.note(row.key, row.model, gone)
        row.eraser().forget(gone, now)
    return len(locked)


def erase(row: RetentionRule, now: datetime | None = None) -> int:
    """Carry out one rule, batch by batch; returns how many rows it dealt with.

    Stops when nothing is left, when a batch moved nothing (others hold the rows), or when its
    seconds are over. Each run is kept in the log and, where it dealt with something or comes once
    a night, in the trail.
    """
    now, started, count = now or timezone.now(), time.monotonic(), 0
    while time.monotonic() - started < SECONDS_A_RUN:
        keys = list(row.due(now).order_by("pk").values_list("pk", flat=True)[:BATCH])
        with transaction.atomic():
            erased = _carry_out(row, keys, now) if keys else 0
        count += erased
        if len(keys) < BATCH or not erased:
            break
    if count or not row.hourly:
        audit.record("core.retention", None, changes={"rule": row.key, "rows": count})
    seconds = time.monotonic() - started
    logger.info("retention %s: %d erased in %.2f s", row.key, count, seconds)
    return count


def has_due(row: RetentionRule, now: datetime | None = None) -> bool:
    """Whether a run left something for the next."""
    return row.due(now or timezone.now()).exists()
