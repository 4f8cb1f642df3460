"""A backup as one file: a tar with the rows of each table in parts, the stored files, a manifest.

Each member carries its digest; the manifest comes last and holds one over all others, so a file
without it is not complete. However many members there are, memory does not grow. Without a key it
is a plain tar, which can be looked into without us.
"""

import hashlib
import io
import json
import os
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from yuanhang.backup.sealing import SealedReader, SealedWriter, SealError, is_sealed

FORMAT = 1
MANIFEST = "manifest.json"
ROWS, FILES = "rows/", "files/"
DIGEST = "YUANHANG.sha256"
PART = 4 * 1024 * 1024  # bytes of rows that are held in memory at once
CHUNK = 256 * 1024
PRIVATE = 0o600


class BackupError(Exception):
    """A backup that cannot be made, read or restored; the message is the operator's."""


class Chain:
    """One digest over the names and digests of all members, in their order."""

    def __init__(self) -> None:
        self._digest, self.count = hashlib.sha256(), 0

    def add(self, name: str, digest: str) -> None:
        """Go on with one more member."""
        self._digest.update(f"{digest} {name}\n".encode())
        self.count += 1

    def said(self) -> dict[str, Any]:
        """What the manifest says of it."""
        return {"count": self.count, "digest": self._digest.hexdigest()}


@dataclass
class Writer:
    """Adds members to an archive, each with its digest in its own head."""

    tar: tarfile.TarFile
    chain: Chain = field(default_factory=Chain)

    def add_bytes(self, name: str, data: bytes) -> None:
        """A member that is in memory."""
        member = tarfile.TarInfo(name)
        member.size, member.mode = len(data), PRIVATE
        self._add(member, io.BytesIO(data), hashlib.sha256(data).hexdigest())

    def add_file(self, name: str, source: BinaryIO) -> None:
        """A member that is an open file, with its mode and time."""
        found, member = os.fstat(source.fileno()), tarfile.TarInfo(name)
        member.size, member.mode = found.st_size, found.st_mode & 0o7777
        member.mtime = int(found.st_mtime)
        digest = digest_of(source)
        source.seek(0)
        self._add(member, source, digest)

    def _add(self, member: tarfile.TarInfo, source: BinaryIO, digest: str) -> None:
        member.pax_headers = {DIGEST: digest}
        self.tar.addfile(member, source)
        self.chain.add(member.name, digest)


class RowParts(io.RawIOBase):
    """What COPY writes to: rows are packed and added to the archive part by part."""

    def __init__(self, writer: Writer, table: str) -> None:
        self._writer, self._table = writer, table
        self._parts, self._rest, self.size = 0, bytearray(), 0
        self.rows = 0

    def write(self, data: Any) -> int:
        self._rest += data
        self.size += len(data)
        # COPY writes a line break within a value as two characters.
        self.rows += data.count(b"\n")
        if len(self._rest) >= PART:
            self.flush_part()
        return len(data)

    def flush_part(self) -> None:
        """Add what came since the last part."""
        if self._rest:
            name = f"{ROWS}{self._table}/{self._parts:06}"
            self._writer.add_bytes(name, zlib.compress(bytes(self._rest), 6))
            self._parts += 1
            self._rest.clear()


@contextmanager
def writing(place: Path, key: str) -> Iterator[tuple[Writer, dict[str, Any]]]:
    """A new archive at `place`, and the dict to fill with what its manifest says.

    It appears under its name when it is complete and on the disk; on failure nothing is left.
    """
    partial = place.with_name(f".{place.name}.partial")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, PRIVATE)
    try:
        with os.fdopen(descriptor, "wb") as raw:
            sealed = SealedWriter(raw, key) if key else None
            said: dict[str, Any] = {"format": FORMAT}
            with tarfile.open(fileobj=sealed or raw, mode="w|", format=tarfile.PAX_FORMAT) as tar:
                writer = Writer(tar)
                yield writer, said
                said["members"] = writer.chain.said()
                writer.add_bytes(MANIFEST, json.dumps(said).encode())
            if sealed:
                sealed.finish()
            raw.flush()
            os.fsync(raw.fileno())
        read_manifest(partial, key)  # what was written can be read
        partial.rename(place)
        _sync_folder(place.parent)
    finally:
        partial.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _understood(place: Path) -> Iterator[None]:
    """Turn what the layers below say of a file into one line for the operator."""
    try:
        yield
    except (tarfile.TarError, EOFError) as error:
        raise BackupError(f"{place.name} is damaged or no backup ({error}).") from error
    except SealError as error:
        raise BackupError(str(error)) from error


class _Content:
    """A member's content; it is read by others, so what goes wrong then is said here."""

    def __init__(self, place: Path, source: Any) -> None:
        self._place, self._source = place, source

    def read(self, size: int = -1) -> bytes:
        with _understood(self._place):
            return self._source.read(size)


def members(place: Path, key: str) -> Iterator[tuple[tarfile.TarInfo, BinaryIO]]:
    """The members with their content, in order; each is read before the next one is asked for.

    Raises BackupError, as reading does.
    """
    with _understood(place), place.open("rb") as raw:
        source: Any = raw
        if is_sealed(raw):
            if not key:
                raise BackupError("The backup is encrypted: give its key.")
            source = io.BufferedReader(SealedReader(raw, key), CHUNK)
        with tarfile.open(fileobj=source, mode="r|") as tar:
            for member in tar:
                content = tar.extractfile(member) if member.isfile() else None
                if content is None:
                    raise BackupError(f"{place.name} holds more than files: {member.name}.")
                yield member, _Content(place, content)  # type: ignore[misc]


def read_manifest(place: Path, key: str) -> Mapping[str, Any]:
    """Read the whole archive and compare every digest; returns what the manifest says.

    Raises BackupError when anything is missing, damaged, or more than was written.
    """
    chain, said = Chain(), {}
    for member, source in members(place, key):
        if said:
            raise BackupError(f"{place.name} is damaged: something follows its end.")
        if member.name == MANIFEST:
            said = json.loads(_checked(place, member, source))
        elif digest_of(source) != member.pax_headers.get(DIGEST):
            raise BackupError(f"{place.name} is damaged: {member.name}.")
        else:
            chain.add(member.name, member.pax_headers[DIGEST])
    if not said:
        raise BackupError(f"{place.name} is cut off: it has no end.")
    if said.get("format") != FORMAT:
        raise BackupError(f"{place.name} is of a newer version of the portal.")
    if chain.said() != said["members"]:
        raise BackupError(f"{place.name} is damaged: parts are missing or not its own.")
    return said


def _checked(place: Path, member: tarfile.TarInfo, source: BinaryIO) -> bytes:
    data = source.read()
    if hashlib.sha256(data).hexdigest() != member.pax_headers.get(DIGEST):
        raise BackupError(f"{place.name} is damaged: {member.name}.")
    return data


def digest_of(source: BinaryIO) -> str:
    """The SHA-256 of a stream, read in pieces."""
    digest = hashlib.sha256()
    while data := source.read(CHUNK):
        digest.update(data)
    return digest.hexdigest()
