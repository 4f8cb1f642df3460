"""Photos and voice notes are decoded by helper processes, so that a web process stays small.

A helper is a Python of its own that reads one file after the other from a pipe and answers with
what is to be stored. It is let grow to `MEMORY_BYTES`, has `SECONDS` for a file, and ends after
`FILES_EACH` files or when nothing comes for a while: what a decoder has taken goes with it. At
most one a core works at a time on the whole machine, and at most one on a file that has to be
decoded whole; locks on files count them, so that all web processes share the count.
"""

import atexit
import fcntl
import hashlib
import os
import selectors
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, BinaryIO

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yuanhang.core.media import helper
from yuanhang.core.media.invalid_upload import InvalidUploadError, NotNowError
from yuanhang.core.media.photos import StoredPhoto
from yuanhang.core.media.stored_voice import StoredVoice

SECONDS = 20.0
WAIT_SECONDS = 30.0  # for a free core; longer than that nobody waits on a phone
POLL_SECONDS = 0.02  # between looks at the locks
ENDED_SECONDS = 0.5  # in which the system says how a process ended whose pipe is closed
IDLE_MAX = 1  # helpers that a web process keeps ready for the next file
PIECE = 256 * 1024
PIPE_BYTES = 1024 * 1024  # what a pipe is let hold, so that both sides wait for each other less
NO_ROOM = gettext_lazy("系统现在存不下照片和语音。去掉它再发，或者过一会儿再试。")
UNREADABLE = gettext_lazy("这个文件打不开，请重新拍一张或录一段，或换一个再传。")


def process_photo(file: BinaryIO) -> StoredPhoto:
    """What `photos.process` makes of an uploaded file, made by a helper."""
    kind, parts = _asked("photo", file)
    numbers, data, thumbnail, medium = parts
    width, height, sha256, *degrees = numbers.decode().split()
    position = (float(degrees[0]), float(degrees[1])) if degrees else None
    return StoredPhoto(data, thumbnail, int(width), int(height), sha256, position, medium)


def convert_voice(file: BinaryIO) -> StoredVoice:
    """What `voice.convert` makes of an uploaded recording, made by a helper."""
    kind, parts = _asked("voice", file)
    numbers, data = parts
    seconds, sha256, wave = numbers.decode().split()
    return StoredVoice(data, float(seconds), sha256, wave)


def probe_voice(file: BinaryIO) -> StoredVoice:
    """An uploaded recording as it is, once a helper had a look: converting it takes a while."""
    _kind, (seconds,) = _asked("probe", file)
    file.seek(0)
    data = file.read()
    digest = hashlib.sha256(data).hexdigest()
    return StoredVoice(data, float(seconds), digest, is_original=True)


def _asked(kind: str, file: BinaryIO) -> tuple[str, list[bytes]]:
    if getattr(file, "is_lost", False):
        raise NotNowError(NO_ROOM)
    with _slot():
        answer = _answer(kind, file) or _answer(kind, file)
    if answer is None:
        raise NotNowError(UNREADABLE)
    if answer[0] == "refused":
        raise InvalidUploadError(answer[1][0].decode())
    return answer


def _answer(kind: str, file: BinaryIO) -> tuple[str, list[bytes]] | None:
    """What a helper says of a file; None where it was killed, which says nothing of the file."""
    worker = _taken()
    try:
        answer = worker.ask(kind, file)
    except (OSError, EOFError, TimeoutError):
        if worker.was_killed():
            worker.end()
            return None
        worker.end()
        raise NotNowError(UNREADABLE) from None
    except BaseException:
        worker.end()
        raise
    _put_back(worker)
    return answer


# --- how many at a time ---------------------------------------------------------------------


def _lock_folder() -> Path:
    folder = Path(settings.VAR_DIR) / "helpers"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def _slot() -> Iterator[None]:
    """One of the machine's places for a working helper; refused in words where none gets free."""
    places = [_lock_folder() / f"core-{n}" for n in range(os.cpu_count() or 1)]
    until = time.monotonic() + WAIT_SECONDS
    while True:
        for place in places:
            try:
                handle = place.open("w")
            except OSError:
                raise NotNowError(NO_ROOM) from None
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                handle.close()
                continue
            with handle:  # closing gives the lock back, also when this process ends
                yield
            return
        if time.monotonic() > until:
            raise NotNowError(_("现在传照片的人多，过一会儿再点一次。"))
        time.sleep(POLL_SECONDS)


# --- helpers of this process ----------------------------------------------------------------

_idle: list["_Helper"] = []
_guard = threading.Lock()


def _taken() -> "_Helper":
    """An idle helper that still lives, or a new one."""
    with _guard:
        while _idle:
            one = _idle.pop()
            # A helper belongs to the process that started it: after a fork its pipes are shared.
            if one.owner == os.getpid() and one.is_ready():
                return one
            one.end()
    return _Helper()


def _put_back(one: "_Helper") -> None:
    with _guard:
        if one.files < helper.FILES_EACH and len(_idle) < IDLE_MAX:
            _idle.append(one)
            return
    one.end()


@atexit.register
def end_all() -> None:
    """End the idle helpers of this process."""
    with _guard:
        while _idle:
            _idle.pop().end()


class _Helper:
    """One helper process and the pipes to it."""

    def __init__(self) -> None:
        self.owner, self.files = os.getpid(), 0
        self._process = subprocess.Popen(
            [sys.executable, "-m", "yuanhang.core.media.helper", str(_lock_folder() / "whole")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=settings.BASE_DIR,
            bufsize=0,
            env={"PATH": os.environ.get("PATH", ""), "PYTHONDONTWRITEBYTECODE": "1"},
        )
        assert self._process.stdin and self._process.stdout  # noqa: S101, PT018 - for mypy
        self._to: IO[bytes] = self._process.stdin
        self._from: IO[bytes] = self._process.stdout
        for pipe in (self._to, self._from):
            with suppress(OSError):  # the system may allow less
                fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE_BYTES)

    def is_ready(self) -> bool:
        return self._process.poll() is None

    def was_killed(self) -> bool:
        """Whether somebody else ended it, as the system does that runs short of memory."""
        with suppress(subprocess.TimeoutExpired):
            return self._process.wait(ENDED_SECONDS) == -signal.SIGKILL
        return False

    def ask(self, kind: str, file: BinaryIO) -> tuple[str, list[bytes]]:
        """(kind, parts) of the answer; TimeoutError, OSError or EOFError where none comes."""
        self.files += 1
        until = time.monotonic() + SECONDS
        file.seek(0, os.SEEK_END)
        size = file.tell()
        file.seek(0)
        self._to.write(helper.HEAD.pack(kind.encode(), 1) + struct.pack(">Q", size))
        while piece := file.read(PIECE):
            view = memoryview(piece)
            while view:  # an unbuffered pipe may take a part
                view = view[self._to.write(view) :]
        answered, count = helper.HEAD.unpack(self._read(helper.HEAD.size, until))
        parts = [
            self._read(struct.unpack(">Q", self._read(8, until))[0], until) for _n in range(count)
        ]
        return answered.rstrip(b"\0").decode(), parts

    def _read(self, size: int, until: float) -> bytes:
        pieces: list[bytes] = []
        with selectors.DefaultSelector() as selector:
            selector.register(self._from, selectors.EVENT_READ)
            while size:
                if not selector.select(max(0.0, until - time.monotonic())):
                    raise TimeoutError
                piece = os.read(self._from.fileno(), min(size, PIECE))
                if not piece:
                    raise EOFError
                pieces.append(piece)
                size -= len(piece)
        return b"".join(pieces)

    def end(self) -> None:
        """Let the helper go; what belongs to another process is only let loose."""
        for pipe in (self._to, self._from):
            pipe.close()
        if self.owner == os.getpid():
            self._process.kill()
            self._process.wait()
