"""The hourly look at the disk: nothing without a row stays, and no row misses its file unseen."""

import logging
import os
import re
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.files.storage import default_storage
from django.db.models import Q
from django.utils import timezone

from yuanhang.core import rooms
from yuanhang.core.models import User
from yuanhang.core.outbox import notices
from yuanhang.core.stored_files import removal, writing_notes
from yuanhang.core.stored_files.whole_files import PART

logger = logging.getLogger(__name__)

ORPHAN_AGE = timedelta(days=1)
SECONDS_A_RUN = 30  # the queue ends a job after 60
DIGITS = "0123456789abcdef"  # the first letter of a shelf; a sixteenth of all is looked at together
MISSING_MAX = 1000  # rows looked at closely in one run
TOLD_MAX = 20  # of these stand in the notice
SMALL_MAX = 20_000  # rows of a model whose files are looked at all at once
SHELF = re.compile(r"[0-9a-f]{2}")
FOLDERS = {"drafts"}  # beside the folders of the rooms


def sweep(now: datetime | None = None) -> int:
    """Remove what is left over, report what is missing; returns how many files were removed."""
    now, started = now or timezone.now(), time.monotonic()
    count = removal.remove_noted() + _settle_notes()
    found = _stored("")
    count += _remove_orphans(found, _named(found), now)
    missing: list[tuple[Any, str]] = []
    # Each hour begins elsewhere, so that on a large disk too everything has its turn.
    first = timezone.localtime(now).hour % len(DIGITS)
    for digit in [DIGITS] if _is_small() else DIGITS[first:] + DIGITS[:first]:
        if time.monotonic() - started > SECONDS_A_RUN:
            break
        shelves = _stored(digit)
        named = _named_on(digit)
        count += _remove_orphans(shelves, named.keys(), now)
        lost = [(named[name], name) for name in named.keys() - shelves.keys()]
        missing += lost[: MISSING_MAX - len(missing)]
    _report(sorted((row, name) for row, name in missing if _is_missing(row, name)), now)
    return count


def _is_small() -> bool:
    """Whether all files are looked at together."""
    return all(rows[:SMALL_MAX].count() < SMALL_MAX for rows, _columns_of in _columns())


def _settle_notes() -> int:
    """Remove what processes wrote that died before their rows were there."""
    count = 0
    for path, names in writing_notes.abandoned():
        kept = _named(names)
        for name in names:
            if name not in kept:
                default_storage.delete(name)
                count += 1
            default_storage.delete(name + PART)
        path.unlink(missing_ok=True)
    return count


def _columns() -> Iterator[tuple[Any, list[str]]]:
    """(rows of a model, columns) of everything that names files."""
    for model in apps.get_models():
        columns = [field.name for field in removal.file_fields(model)]
        if columns:
            yield model._default_manager.order_by(), columns


def _named(names: Iterable[str]) -> set[str]:
    """Those of the names that some row names."""
    known, asked = set(), list(names)
    for rows, columns in _columns() if asked else ():
        for column in columns:
            found = rows.filter(**{f"{column}__in": asked})
            known.update(found.values_list(column, flat=True))
    return known


def _named_on(digit: str) -> dict[str, tuple[str, str, int]]:
    """(model's label, column, key) of the row by the name, of all files on shelves of a digit."""
    known: dict[str, tuple[str, str, int]] = {}
    shelf = re.compile(rf".*/[{digit}][0-9a-f]/[^/]*$")
    for rows, columns in _columns():
        on_shelves = Q()
        for column in columns:
            on_shelves |= Q(**{f"{column}__regex": rf"/[{digit}][0-9a-f]/[^/]*$"})
        for key, *names in rows.filter(on_shelves).values_list("pk", *columns).iterator():
            for column, name in zip(columns, names, strict=True):
                if shelf.match(name or ""):
                    known[name] = (rows.model._meta.label_lower, column, key)
    return known


def _stored(digits: str) -> dict[str, float]:
    """Name and time (seconds since 1970) of the files on shelves of these digits; "" for those on
    no shelf. Only below folders of ours: somebody's note beside them is none of our business."""
    root, found = Path(default_storage.path("")), {}
    for top in sorted(FOLDERS | {room.label for room in apps.get_app_configs() if _is_ours(room)}):
        for folder, inner, files in os.walk(root / top):
            inner[:] = [name for name in inner if not SHELF.fullmatch(name) or name[0] in digits]
            if bool(digits) is not bool(SHELF.fullmatch(os.path.basename(folder))):
                continue
            for file in files:
                path = os.path.join(folder, file)
                with suppress(FileNotFoundError):  # it went in between
                    found[os.path.relpath(path, root)] = os.stat(path).st_mtime
    return found


def _is_ours(room: Any) -> bool:
    return isinstance(room, rooms.RoomConfig)


def _remove_orphans(stored: dict[str, float], named: Iterable[str], now: datetime) -> int:
    """Remove files older than a day that no row names."""
    known, limit = set(named), (now - ORPHAN_AGE).timestamp()
    old = [name for name, at in stored.items() if at < limit and name not in known]
    for name in old:
        default_storage.delete(name)
    return len(old)


def _is_missing(row: tuple[str, str, int], name: str) -> bool:
    """Whether a row still names a file that is not there: it may have come or gone since."""
    label, column, key = row
    rows = apps.get_model(label)._default_manager.filter(pk=key, **{column: name})
    return not default_storage.exists(name) and rows.exists()


def _report(missing: list[tuple[tuple[str, str, int], str]], now: datetime) -> None:
    """Tell the administrators, once a day, which rows have lost their files."""
    if not missing:
        return
    told = [
        f"{apps.get_model(label)._meta.verbose_name} #{key}：{name}"
        for (label, _column, key), name in missing[:TOLD_MAX]
    ]
    logger.warning("%d rows name a file that is not there: %s", len(missing), missing[:TOLD_MAX])
    day = timezone.localdate(now)
    notices.send(
        User.objects.filter(is_superuser=True, is_active=True),
        "core.missing_files",
        key=f"missing_files:{day:%Y%m%d}",
        context={"count": len(missing), "told": told, "day": day},
    )
