"""The storage of private files: a file is there whole or not at all."""

import contextlib
import os
from pathlib import Path
from typing import Any

from django.core.files.storage import FileSystemStorage

PART = ".part"  # what is being written, beside its place


class WholeFileStorage(FileSystemStorage):
    """Writes beside the place, makes it last on the disk, and moves it there in one step.

    A full disk, a process that dies and a power cut leave no half of a file under its name; once
    the row that names it is committed, its bytes are on the disk.
    """

    def _save(self, name: str, content: Any) -> str:
        try:
            super()._save(name + PART, content)
            part, place = Path(self.path(name + PART)), Path(self.path(name))
            _sync(part)
            os.replace(part, place)
            _sync(place.parent)
        except BaseException:
            with contextlib.suppress(OSError):
                self.delete(name + PART)
            raise
        return name


def _sync(path: Path) -> None:
    """Wait until what lies at `path`, a file or the names of a folder, is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
