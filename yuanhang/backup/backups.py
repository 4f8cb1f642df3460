"""Making a backup: rows and files of one instant in one file; and which of them are kept."""

import fcntl
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.db import connection
from django.utils import timezone

from yuanhang.backup import archive, rows, schema, stored_files
from yuanhang.backup.archive import FILES, BackupError, Writer
from yuanhang.core.erasures import erasure_list, erasures

NAME = re.compile(r"yuanhang-(\d{8}T\d{6})Z\.backup")
# A file that was unlinked between the snapshot and our link asks for another snapshot.
TRIES = 20


@dataclass(frozen=True)
class Backup:
    """One file in a folder of backups, and the instant it holds."""

    place: Path
    at: datetime


@dataclass(frozen=True)
class Made:
    """What a run wrote; `missing` are names of rows whose files the disk had lost before."""

    place: Path
    rows: int
    files: int
    missing: tuple[str, ...]
    strangers: tuple[str, ...]
    seconds: float


def of_folder(folder: Path) -> list[Backup]:
    """The backups of a folder, oldest first."""
    found = [
        Backup(place, datetime.strptime(match[1], "%Y%m%dT%H%M%S").replace(tzinfo=UTC))
        for place in folder.glob("yuanhang-*.backup")
        if (match := NAME.fullmatch(place.name))
    ]
    return sorted(found, key=lambda backup: backup.at)


def make(folder: Path, *, key: str) -> Made:
    """Write a backup into a folder, which is made when it is missing; encrypted if there is a key.

    Nothing is locked but the schema: people go on working. Raises BackupError, also when another
    run has not ended yet.
    """
    started = time.monotonic()
    erasure_list.make_folder(folder)
    with one_at_a_time(folder):
        erasures.settle()
        erasure_list.begin()
        with stored_files.holding_folder() as holding:
            place, said, strangers = _of_one_instant(folder, holding, key)
        erasure_list.give_to_site(place)
        _hand_over_list(folder)
    return Made(
        place=place,
        rows=sum(table["rows"] for table in said["tables"].values()),
        files=said["files"],
        missing=tuple(said["missing"]),
        strangers=tuple(strangers),
        seconds=time.monotonic() - started,
    )


@contextmanager
def one_at_a_time(folder: Path) -> Iterator[None]:
    """Raises BackupError when another process works in this folder."""
    with (folder / ".lock").open("w") as lock:
        erasure_list.give_to_site(folder / ".lock")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupError("Another backup of this folder is under way.") from None
        for left in folder.glob(".yuanhang-*.partial"):
            left.unlink()  # of a run that was killed
        yield


def _of_one_instant(
    folder: Path, holding: Path, key: str
) -> tuple[Path, dict[str, Any], list[str]]:
    """Rows of a snapshot, and the files they name; taken anew while files disappear under it."""
    lost: set[str] | None = None
    for _try in range(TRIES):
        position = erasure_list.path().stat().st_size
        with rows.one_instant() as (snapshot, at):
            migrations = schema.applied()
            apps = schema.models_of(migrations)
            tables = schema.tables(apps)
            names = stored_files.named(apps, [table.name for table in tables])
            missing = stored_files.hold(names, holding)
            # What was missing a snapshot ago, and is still named, was lost long before.
            if missing and (lost is None or not missing <= lost):
                lost = missing
                continue
            place = folder / f"yuanhang-{at.astimezone(UTC):%Y%m%dT%H%M%SZ}.backup"
            if place.exists():
                raise BackupError(f"{place.name} is there already; try again in a second.")
            with archive.writing(place, key) as (writer, said):
                said |= _instant(snapshot, at, position)
                said |= {"migrations": migrations, "missing": sorted(missing)}
                said |= _written(writer, tables, holding)
            strangers = sorted(set(schema.present()) - {table.name for table in tables})
            return place, said, strangers
    raise BackupError("Files keep disappearing while they are read; try again later.")


def _instant(snapshot: str, at: datetime, position: int) -> dict[str, Any]:
    return {
        "at": at.isoformat(),
        "snapshot": snapshot,
        "erasures": {
            "list": erasure_list.read(erasure_list.path()).number,
            "position": position,
        },
        "server": connection.pg_version,
    }


def _written(writer: Writer, tables: list[schema.Table], holding: Path) -> dict[str, Any]:
    """Add all rows and files; returns what the manifest says of them."""
    said = {
        table.name: {"columns": table.columns, "rows": rows.copy_out(table, writer)}
        for table in tables
    }
    count = 0
    for name, place in stored_files.held(holding):
        with place.open("rb") as source:
            writer.add_file(f"{FILES}{name}", source)
        count += 1
    return {"tables": said, "sequences": rows.sequences(tables), "files": count}


def _hand_over_list(folder: Path) -> None:
    """Lay the list of erasures beside backups that are not kept where it lies."""
    own, beside = erasure_list.path(), folder / erasure_list.FILE
    if beside.exists() and beside.samefile(own):
        return
    if beside.exists() and erasure_list.read(beside).number != erasure_list.read(own).number:
        beside = folder / f"{erasure_list.read(own).number}-{erasure_list.FILE}"
    partial = beside.with_name(f".{beside.name}.partial")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, archive.PRIVATE)
    with os.fdopen(descriptor, "wb") as target:
        target.write(own.read_bytes())
        target.flush()
        os.fsync(target.fileno())
    partial.rename(beside)


# --- how long they are kept --------------------------------------------------------------------


def keep_of(text: str) -> tuple[int, int, int]:
    """How many days, weeks and months BACKUP_KEEP names. Raises ValueError for anything else."""
    days, weeks, months = (int(number) for number in text.split(","))
    if days < 1 or min(weeks, months) < 0:
        raise ValueError(text)
    return days, weeks, months


def outdated(found: list[Backup], keep: tuple[int, int, int]) -> list[Backup]:
    """Those that go: all but one of each of the last days, weeks and months that have one.

    The newest stays in any case. Days are those of the local calendar; a day's, a week's or a
    month's backup is its last one.
    """
    kept: set[Path] = {backup.place for backup in found[-1:]}
    for form, count in zip(("%Y-%m-%d", "%G-%V", "%Y-%m"), keep, strict=True):
        last: dict[str, Path] = {}
        for backup in found:
            last[timezone.localtime(backup.at).strftime(form)] = backup.place
        kept |= {last[span] for span in sorted(last)[-count:]} if count else set()
    return [backup for backup in found if backup.place not in kept]


def prune(folder: Path, keep: tuple[int, int, int]) -> int:
    """Delete what is outdated; returns how many."""
    gone = outdated(of_folder(folder), keep)
    for backup in gone:
        backup.place.unlink()
    return len(gone)
