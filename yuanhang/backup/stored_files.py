"""The files that the rows of one instant name: held while they are copied, and put back."""

import errno
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from django.conf import settings
from django.db import connection, models
from django.db.migrations.state import StateApps

from yuanhang.backup.archive import CHUNK, BackupError
from yuanhang.core.erasures.erasure_list import give_to_site

HELD = ".backup-"  # begins the name of a folder of links, below MEDIA_ROOT
NO_LINKS = {errno.EXDEV, errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}


def root() -> Path:
    """Where stored files lie."""
    return Path(settings.MEDIA_ROOT)


def named(apps: StateApps, tables: Iterable[str]) -> Iterator[str]:
    """Names of all files that rows name now, some of them twice."""
    there = set(tables)
    for model in apps.get_models(include_auto_created=True):
        if model._meta.db_table not in there:
            continue
        for field in model._meta.local_concrete_fields:
            if isinstance(field, models.FileField):
                yield from _names(model._meta.db_table, field.column)


def _names(table: str, column: str) -> Iterator[str]:
    quote = connection.ops.quote_name
    query = f"SELECT {quote(column)} FROM {quote(table)} WHERE {quote(column)} <> ''"  # noqa: S608
    with connection.chunked_cursor() as cursor:
        cursor.execute(query)
        for (name,) in cursor:
            yield name


@contextmanager
def holding_folder() -> Iterator[Path]:
    """A folder for links to files, so that they outlive their names for as long as we read them."""
    root().mkdir(parents=True, exist_ok=True)
    for left in root().glob(f"{HELD}*"):
        shutil.rmtree(left, ignore_errors=True)  # a backup that was killed
    folder = root() / f"{HELD}{secrets.token_hex(8)}"
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def hold(names: Iterable[str], folder: Path) -> set[str]:
    """Link files into a folder that is emptied before; returns those that are not there."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    return {name for name in names if not _link(safe(name), folder / name)}


def held(folder: Path) -> Iterator[tuple[str, Path]]:
    """(name, place) of what is held, in the order of names within a folder."""
    for top, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted(files):
            place = Path(top, name)
            yield place.relative_to(folder).as_posix(), place


def _link(source: Path, target: Path) -> bool:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except FileExistsError:
        return True  # two rows name it
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        try:
            shutil.copy2(source, target)
        except FileNotFoundError:
            return False
    return True


def safe(name: str) -> Path:
    """The place of a stored file. Raises BackupError for a name that leads elsewhere."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts or "\0" in name:
        raise BackupError(f"The name of a file leads out of the folder of files: {name!r}.")
    return root() / path


def put_back(name: str, source: BinaryIO, mode: int, mtime: float) -> bool:
    """Write a file to its place, on the disk before this returns; False when it is there already.

    Raises BackupError when another file has its name.
    """
    place = safe(name)
    _folders(place.parent)
    partial = place.with_name(f".{place.name}.restored")
    try:
        with partial.open("wb") as target:
            os.fchmod(target.fileno(), mode)
            while data := source.read(CHUNK):
                target.write(data)
            target.flush()
            os.fsync(target.fileno())
        os.utime(partial, (mtime, mtime))
        give_to_site(partial)
        if place.exists():
            if _differ(place, partial):
                raise BackupError(f"Another file of this name is there already: {place}.")
            return False
        partial.rename(place)
        return True
    finally:
        partial.unlink(missing_ok=True)


def _folders(folder: Path) -> None:
    """Make missing folders, with the mode that stored files' folders have whatever the umask."""
    if folder.is_dir():
        return
    _folders(folder.parent)
    folder.mkdir(exist_ok=True)
    folder.chmod(settings.FILE_UPLOAD_DIRECTORY_PERMISSIONS)
    give_to_site(folder)


def _differ(one: Path, other: Path) -> bool:
    if one.stat().st_size != other.stat().st_size:
        return True
    with one.open("rb") as left, other.open("rb") as right:
        while data := left.read(CHUNK):
            if data != right.read(CHUNK):
                return True
    return False
