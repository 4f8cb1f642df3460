"""What a process is about to write, noted on the disk before it does.

A note is a file under `WRITING_NOTES` with one name a line. Each process that writes holds a lock
file of its own there with `flock`, which the kernel drops however a process ends: whoever gets the
lock knows that the writer of its notes is gone. A note in the database would not do: where the
verb's transaction began earlier it would be undone with it.
"""

import contextlib
import fcntl
import os
import secrets
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

# Its writer may be gone while the database still carries out the commit it was sent.
SETTLED_SECONDS = 600
LEFT = "left"  # in place of a process: nobody will come back to this note
LOCK = ".lock"

_guard = threading.Lock()
_own: dict[str, tuple[str, int]] = {}  # this process's token and lock, by folder


def _token(folder: Path) -> str:
    """By what this process's notes are known; its lock is held from the first one on."""
    with _guard:
        if str(folder) not in _own:
            _forget()  # another folder before it is a test's
            folder.mkdir(parents=True, exist_ok=True)
            token = secrets.token_hex(8)
            handle = os.open(folder / f"{token}{LOCK}", os.O_WRONLY | os.O_CREAT, 0o640)
            fcntl.flock(handle, fcntl.LOCK_EX)
            _own[str(folder)] = token, handle
        return _own[str(folder)][0]


def _forget() -> None:
    for _token_of, handle in _own.values():
        os.close(handle)
    _own.clear()


def _begin_anew() -> None:
    """In a forked child: what the parent holds is the parent's, another thread's guard too."""
    global _guard
    _guard = threading.Lock()
    _forget()


os.register_at_fork(after_in_child=_begin_anew)


class WritingNote:
    """The names that one block writes; the file is made with the first."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self._path: Path | None = None

    def add(self, name: str) -> None:
        """Note a name; its file may be written now."""
        if self._path is None:
            folder = Path(settings.WRITING_NOTES)
            self._path = folder / f"{_token(folder)}.{secrets.token_hex(8)}"
        handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640)
        try:
            os.write(handle, f"{name}\n".encode())
        finally:
            os.close(handle)
        self.names.append(name)

    def tear_up(self) -> None:
        """Nothing is left to settle: rows name the files, or the files are gone."""
        if self._path is not None:
            self._path.unlink(missing_ok=True)
        self._path = None

    def leave(self) -> None:
        """Leave the note to the sweep, though this process lives on."""
        if self._path is not None:
            with contextlib.suppress(OSError):
                self._path.rename(self._path.with_name(f"{LEFT}.{self._path.name}"))
        self._path = None

    def __del__(self) -> None:
        # An outer transaction was rolled back, and dropped what it would have done at its commit.
        self.leave()


def abandoned() -> Iterator[tuple[Path, list[str]]]:
    """(note, names) of writers that are gone, or left their note; settled by the caller."""
    folder = Path(settings.WRITING_NOTES)
    notes = sorted(folder.iterdir()) if folder.is_dir() else []
    for path in notes:
        writer = path.name.partition(".")[0]
        if path.suffix == LOCK or _lives(folder, writer):
            continue
        with contextlib.suppress(FileNotFoundError):
            if _is_settled(path):
                # The last line may have been cut off; its file was not begun then.
                yield path, path.read_text().split("\n")[:-1]
    for path in notes:
        if path.suffix == LOCK and _is_settled(path) and not _lives(folder, path.stem):
            path.unlink(missing_ok=True)


def _is_settled(path: Path) -> bool:
    return path.stat().st_mtime < time.time() - SETTLED_SECONDS


def _lives(folder: Path, writer: str) -> bool:
    """Whether a process still holds its lock."""
    try:
        with (folder / f"{writer}{LOCK}").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False
    return False
