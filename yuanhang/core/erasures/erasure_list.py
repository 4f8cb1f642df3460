"""The list as a file: one JSON object a line, only ever appended to, each line synced to the disk.

The first line names the list. Every other line is an erasure (how, which rows, when, in which
transaction), the end of one that did not happen (`taken_back`), or a restore (`restored`).
"""

import fcntl
import json
import os
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

FILE = "erasures.jsonl"


@dataclass(frozen=True)
class Erasure:
    """One act of erasing: `how` names the eraser, `model` is a label, `ids` are primary keys."""

    number: str
    at: datetime
    how: str
    model: str
    ids: tuple[Any, ...]
    transaction: int


@dataclass
class Contents:
    """What a list says, in its order; `place` is where each erasure begins in the file."""

    number: str = ""
    size: int = 0
    erasures: list[Erasure] = field(default_factory=list)
    places: dict[str, int] = field(default_factory=dict)
    taken_back: dict[str, set[Any]] = field(default_factory=dict)
    restored_at: list[int] = field(default_factory=list)


def path() -> Path:
    """Where the list of this deployment lies: beside its backups."""
    return Path(settings.BACKUP_DIR) / FILE


def append(line: Mapping[str, Any]) -> None:
    """Write one line and wait until the disk has it. Raises OSError; the file is then as before."""
    place = path()
    make_folder(place.parent)
    descriptor = os.open(place, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        size = os.fstat(descriptor).st_size
        try:
            _write(descriptor, _beginning(descriptor, size) + _line(line))
            os.fsync(descriptor)
        except OSError:
            os.ftruncate(descriptor, size)
            raise
        if not size:
            give_to_site(place)
            _sync_folder(place.parent)
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> None:
    """Make a folder that only the site's account can enter, unless it is there."""
    if not folder.is_dir():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        give_to_site(folder)


def give_to_site(place: Path) -> None:
    """As root, hand what we made to the account that runs the site: it must write there too."""
    if os.geteuid() == 0:
        found = Path(settings.VAR_DIR).stat()
        os.chown(place, found.st_uid, found.st_gid)


def _beginning(descriptor: int, size: int) -> bytes:
    """The list's own first line, or the end of a line that a crash broke off."""
    if not size:
        return _line({"list": uuid.uuid4().hex, "at": timezone.now().isoformat()})
    return b"" if os.pread(descriptor, 1, size - 1) == b"\n" else b"\n"


def _line(values: Mapping[str, Any]) -> bytes:
    return json.dumps(values, separators=(",", ":")).encode() + b"\n"


def _write(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def begin() -> None:
    """Make the list when there is none, so that a backup can say which list goes on from it."""
    if not path().exists():
        append({"begun": timezone.now().isoformat()})


def read(place: Path) -> Contents:
    """What a list says. A line that was broken off tells of nothing: its erasing failed too."""
    contents = Contents()
    with place.open("rb") as lines:
        for line in lines:
            _take(contents, _parsed(line), contents.size)
            contents.size += len(line)
    return contents


def _parsed(line: bytes) -> dict[str, Any]:
    try:
        values = json.loads(line)
    except ValueError:
        return {}
    return values if isinstance(values, dict) else {}


def _take(contents: Contents, values: dict[str, Any], start: int) -> None:
    if "list" in values:
        contents.number = contents.number or values["list"]
    elif "how" in values:
        erasure = _erasure(values)
        contents.erasures.append(erasure)
        contents.places[erasure.number] = start
    elif "taken_back" in values:
        ids = contents.taken_back.setdefault(values["taken_back"], set())
        ids.update(values["ids"])
    elif "restored" in values:
        contents.restored_at.append(start)


def _erasure(values: dict[str, Any]) -> Erasure:
    return Erasure(
        number=values["number"],
        at=datetime.fromisoformat(values["at"]),
        how=values["how"],
        model=values["model"],
        ids=tuple(values["ids"]),
        transaction=values["transaction"],
    )


def lasting(contents: Contents) -> Iterator[Erasure]:
    """The erasures that were not taken back, without the rows that were."""
    for one in contents.erasures:
        gone = contents.taken_back.get(one.number, set())
        ids = tuple(key for key in one.ids if key not in gone)
        if ids:
            yield Erasure(one.number, one.at, one.how, one.model, ids, one.transaction)
