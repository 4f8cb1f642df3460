"""What a process is about to write, noted on the disk before it does.

A note is a file under `WRITING_NOTES` with one name a line. Its writer holds it with `flock`, which
the kernel drops however a process ends: whoever gets the lock knows that the writer is through.
A note in the database would not do: where the verb's transaction began earlier it would be undone
with it.
"""

import contextlib
import fcntl
import os
import secrets
import time
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

# Its writer may be gone while the database still carries out the commit it was sent.
SETTLED_SECONDS = 600


class WritingNote:
    """The names that one block writes; the file is made with the first."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self._path: Path | None = None
        self._handle = -1

    def add(self, name: str) -> None:
        """Note a name; its file may be written now."""
        if self._path is None:
            folder = Path(settings.WRITING_NOTES)
            folder.mkdir(parents=True, exist_ok=True)
            self._path = folder / secrets.token_hex(16)
            self._handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640)
            fcntl.flock(self._handle, fcntl.LOCK_EX)
        os.write(self._handle, f"{name}\n".encode())
        self.names.append(name)

    def tear_up(self) -> None:
        """Nothing is left to settle: rows name the files, or the files are gone."""
        if self._path is not None:
            self._path.unlink(missing_ok=True)
        self.leave()

    def leave(self) -> None:
        """Let go of the note, and leave it to the sweep."""
        if self._handle >= 0:
            os.close(self._handle)
        self._handle = -1

    def __del__(self) -> None:
        # An outer transaction was rolled back, and dropped what it would have done at its commit.
        self.leave()


def abandoned() -> Iterator[tuple[Path, list[str]]]:
    """(note, names) of writers that are through, and left their note; settled by the caller."""
    folder = Path(settings.WRITING_NOTES)
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        with contextlib.suppress(FileNotFoundError, BlockingIOError), path.open() as note:
            fcntl.flock(note, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if path.stat().st_mtime < time.time() - SETTLED_SECONDS:
                # The last line may have been cut off; its file was not begun then.
                lines = note.read().split("\n")
                yield path, lines[:-1]
