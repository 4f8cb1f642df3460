"""Restoring a backup: everything or nothing, and without what was erased since."""

import json
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import IO, Any

from django.core.management import call_command
from django.db import DatabaseError, transaction

from yuanhang.backup import archive, rows, schema, stored_files
from yuanhang.backup.archive import FILES, ROWS, BackupError
from yuanhang.core import audit
from yuanhang.core.erasures import erasure_list, replay
from yuanhang.core.erasures.erasure_list import Erasure


@dataclass(frozen=True)
class Restored:
    """What is there again; `erased` counts rows erased anew, `held` names those that stayed."""

    at: datetime
    rows: int
    files: int
    erased: int
    held: tuple[str, ...]
    missing: tuple[str, ...]


def restore(
    place: Path, *, key: str, lists: list[Path], replace: bool = False, forgets: bool = True
) -> Restored:
    """Put the rows and files of a backup into an empty database and bring it up to date.

    The file is read wholly before anything is changed. All of it is one transaction, files that
    were written are taken away again when it fails. `lists` are further lists of erasures; without
    `forgets` none is asked. `replace` first removes every table that is there. Raises BackupError.
    """
    said = archive.read_manifest(place, key)
    since = _erased_since(place, said, lists) if forgets else []
    with tempfile.TemporaryFile("w+") as written:
        try:
            with transaction.atomic(durable=True):
                held = _carry_out(place, key, said, since, written, replace=replace)
        except BaseException as error:
            _take_away(written)
            raise _plain(error) from None
    return Restored(
        at=datetime.fromisoformat(said["at"]),
        rows=sum(table["rows"] for table in said["tables"].values()),
        files=said["files"],
        erased=sum(len(one.ids) for one in since),
        held=tuple(held),
        missing=tuple(said["missing"]),
    )


def _plain(error: BaseException) -> BaseException:
    """What the server says of a row repeats the row: only which table and rule are passed on."""
    if isinstance(error, replay.UnknownEraserError):
        return BackupError(f"What was erased is not known to this version of the code: {error}.")
    if not isinstance(error, DatabaseError):
        return error
    diag = getattr(error.__cause__, "diag", None)
    if diag is None or diag.sqlstate is None:
        return error
    names = (diag.sqlstate, diag.table_name, diag.constraint_name, diag.column_name)
    said = ", ".join(name for name in names if name)
    return BackupError(f"The server refused something of the backup ({said}); nothing was changed.")


def _erased_since(place: Path, said: Any, lists: list[Path]) -> list[Erasure]:
    """What is to be erased again, from our own list, those beside the backup, and those given."""
    snapshot = replay.Snapshot(
        text=said["snapshot"],
        at=datetime.fromisoformat(said["at"]),
        list_number=said["erasures"]["list"],
        position=said["erasures"]["position"],
    )
    beside = place.resolve().parent.glob(f"*{erasure_list.FILE}")
    found = {path.resolve() for path in (erasure_list.path(), *beside, *lists)}
    try:
        return replay.erased_since(snapshot, sorted(path for path in found if path.exists()))
    except replay.MissingListError:
        raise BackupError(
            f"The list of erasures that goes on from this backup ({erasure_list.FILE}, number"
            f" {snapshot.list_number}) is not here. Without it, people who were erased would come"
            " back: give it with --erasures."
        ) from None


def _carry_out(
    place: Path,
    key: str,
    said: Any,
    since: list[Erasure],
    written: IO[str],
    *,
    replace: bool,
) -> list[str]:
    rows.prepare()
    if not replace and not schema.is_empty():
        raise BackupError(
            "The database is not empty: somebody's work would be lost. Restore into an empty one,"
            " or say --replace."
        )
    migrations = [(app, name) for app, name in said["migrations"]]
    if replace or not schema.is_at(migrations):
        schema.drop()
        schema.make(migrations)
    tables = schema.tables(schema.models_of(migrations))
    _compare(tables, said["tables"])
    _load(place, key, said["tables"], tables, written)
    rows.set_sequences(tables, said["sequences"])
    call_command("migrate", interactive=False, verbosity=0)
    held = replay.replay(since)
    audit.record("backup.restore", None, changes={"at": said["at"], "erased": len(since)})
    erasure_list.append({"restored": said["at"], "snapshot": said["snapshot"]})
    return held


def _compare(tables: list[schema.Table], said: Any) -> None:
    """Raises BackupError unless the tables are those of the backup."""
    if other := {table.name for table in tables} ^ set(said):
        raise BackupError(f"The tables are not those of the backup: {', '.join(sorted(other))}.")
    for table in tables:
        rows.compare(table, said[table.name]["columns"])


def _load(place: Path, key: str, said: Any, tables: list[schema.Table], written: IO[str]) -> None:
    by_name = {table.name: table for table in tables}
    counts = dict.fromkeys(by_name, 0)
    with rows.unguarded(tables):
        members = archive.members(place, key)
        for (kind, name), group in groupby(members, key=lambda found: _kind(found[0].name)):
            if kind == ROWS:
                counts[name] += rows.copy_in(by_name[name], _parts(group))
            elif kind == FILES:
                _put_back(group, written)
    for name, count in counts.items():
        if count != said[name]["rows"]:
            raise BackupError(f"The table {name} has {count} rows of {said[name]['rows']}.")


def _kind(name: str) -> tuple[str, str]:
    """(what a member is, the table it belongs to)."""
    if name.startswith(ROWS):
        return ROWS, name.removeprefix(ROWS).rpartition("/")[0]
    return (FILES, "") if name.startswith(FILES) else ("", "")


def _parts(group: Any) -> Iterator[bytes]:
    for _member, source in group:
        yield zlib.decompress(source.read())


def _put_back(group: Any, written: IO[str]) -> None:
    for member, source in group:
        name = member.name.removeprefix(FILES)
        if stored_files.put_back(name, source, member.mode, member.mtime):
            written.write(json.dumps(name) + "\n")


def _take_away(written: IO[str]) -> None:
    written.seek(0)
    for line in written:
        stored_files.safe(json.loads(line)).unlink(missing_ok=True)
