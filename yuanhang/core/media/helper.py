"""What runs in a helper process: reads files from a pipe, answers with what is to be stored.

Started by helpers.py as `python -m yuanhang.core.media.helper <lock file>`. No database, no
secrets, no settings of the site: what a broken decoder could reach is the file it was given.
"""

import contextlib
import fcntl
import io
import os
import resource
import select
import struct
import sys
from collections.abc import Iterator
from typing import BinaryIO

HEAD = struct.Struct(">8sB")  # what is asked or answered, and in how many parts
MEMORY_BYTES = 450 * 1024 * 1024
FILES_EACH = 50
IDLE_SECONDS = 60.0


def main(lock_file: str) -> None:
    """Serve files until the pipe ends, nothing comes for a while, or there were enough."""
    from django.conf import settings  # noqa: PLC0415 - not for whoever imports the numbers above

    settings.configure(USE_I18N=False)
    source, sink = os.fdopen(0, "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a library that prints does not answer for us
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
    for _file in range(FILES_EACH):
        if not select.select([source], [], [], IDLE_SECONDS)[0]:
            return
        head = source.read(HEAD.size)
        if len(head) < HEAD.size:
            return
        kind, _count = HEAD.unpack(head)
        (size,) = struct.unpack(">Q", source.read(8))
        file = io.BytesIO(source.read(size))
        answer, parts = _answer(kind.rstrip(b"\0").decode(), file, lock_file)
        sink.write(HEAD.pack(answer, len(parts)))
        for part in parts:
            sink.write(struct.pack(">Q", len(part)) + part)
        sink.flush()


def _answer(kind: str, file: BinaryIO, lock_file: str) -> tuple[bytes, list[bytes]]:
    from yuanhang.core.media import photos, voice  # noqa: PLC0415 - needs the settings above
    from yuanhang.core.media.invalid_upload import InvalidUploadError  # noqa: PLC0415

    try:
        if kind == "probe":
            return b"probe", [str(voice.probe(file)).encode()]
        if kind == "voice":
            note = voice.convert(file)
            return b"voice", [f"{note.seconds} {note.sha256} {note.wave}".encode(), note.data]
        with _alone(lock_file) if photos.is_costly(file) else contextlib.nullcontext():
            photo = photos.process(file)
        numbers = [photo.width, photo.height, photo.sha256, *(photo.position or ())]
        facts = " ".join(map(str, numbers)).encode()
        return b"photo", [facts, photo.data, photo.thumbnail, photo.medium]
    except InvalidUploadError as error:
        return b"refused", [error.message.encode()]


@contextlib.contextmanager
def _alone(lock_file: str) -> Iterator[None]:
    """While no other helper of the machine decodes a picture whole."""
    with open(lock_file, "w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    main(sys.argv[1])
