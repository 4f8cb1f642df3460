"""Private files: random names on disk, handed out by views that asked who may see them."""

import logging
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.http import FileResponse, Http404, HttpResponse, StreamingHttpResponse
from django.utils.http import quote_etag
from django.utils.translation import gettext_lazy as _

from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.stored_files.writing_notes import WritingNote

logger = logging.getLogger(__name__)

CHUNK = 64 * 1024
MAX_AGE = 7 * 24 * 3600  # seconds; a stored file never changes under its name
NO_ROOM = _("照片和语音现在存不下。字都还在：先去掉照片和语音再发，或者过一会儿再试。")


def random_name(extension):
    """32 unguessable hexadecimal digits and the extension."""
    return f"{secrets.token_hex(16)}.{extension}"


def shelved_name(folder, extension):
    """`folder/ab/<random>.<extension>`: a folder of a million names would be slow."""
    name = random_name(extension)
    return f"{folder}/{name[:2]}/{name}"


def save_bytes(storage, folder, extension, data):
    """Store bytes that no row names yet; returns the stored name."""
    return storage.save(shelved_name(folder, extension), ContentFile(data))


class NoRoomError(NotAllowedNowError):
    """The disk takes no file now: it is full, read-only, or broken."""


class FilesOfRows:
    """Stores files whose rows belong to one transaction."""

    def __init__(self, note: WritingNote) -> None:
        self._note = note

    def save(self, folder: str, extension: str, data: bytes) -> str:
        """Store bytes; the name. Raises NoRoomError where the disk does not take them."""
        name = shelved_name(folder, extension)
        try:
            self._note.add(name)
            return default_storage.save(name, ContentFile(data))
        except OSError as error:
            logger.warning("a file could not be stored: %s", error)
            raise NoRoomError(NO_ROOM) from error


@contextmanager
def stored_with_rows() -> Iterator[FilesOfRows]:
    """A transaction whose rows name files: files without their rows do not stay.

    The database rolls back by itself, the disk does not. Names are noted before the files are
    written, so that the sweep knows what a process left that died. What became of a commit whose
    answer was lost nobody knows here: the sweep looks at the rows.
    """
    note, is_certain = WritingNote(), True
    try:
        with transaction.atomic():
            yield FilesOfRows(note)
            transaction.on_commit(note.tear_up, robust=True)
            is_certain = False
    except BaseException as error:
        if is_certain or isinstance(error, IntegrityError):
            _take_back(note)
        note.leave()
        raise


def _take_back(note: WritingNote) -> None:
    """Remove what was written; what the disk does not let go now, the sweep will."""
    with suppress(OSError):
        for name in note.names:
            default_storage.delete(name)
        note.tear_up()


def parse_range(header, size):
    """The (first, last) byte asked for by one `Range`; None: all; (): cannot be satisfied.

    RFC 9110, 14.1.2. Several ranges, or units other than bytes, are answered with everything,
    which the standard allows.
    """
    # No file has a size of nineteen digits, and Python refuses to read very long numbers.
    match = re.fullmatch(r"bytes=(\d{0,18})-(\d{0,18})", header.strip()) if header else None
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if first == "":
        length = min(int(last), size)
        return (size - length, size - 1) if length else ()
    start, end = int(first), min(int(last), size - 1) if last else size - 1
    if last and int(last) < start:
        return None
    return (start, end) if start < size else ()


def _part(handle, first, last):
    """The bytes from first to last, in chunks; closes the file."""
    with handle:
        handle.seek(first)
        left = last - first + 1
        while left > 0 and (chunk := handle.read(min(CHUNK, left))):
            left -= len(chunk)
            yield chunk


def stream(request, field_file, content_type):
    """Answer with a stored file: whole, one byte range (iPhones demand it for audio), or 304.

    With FILES_ACCEL_PREFIX the web server sends the bytes and Django only says which file.
    Raises Http404 where the file is no longer there.
    """
    etag = quote_etag(field_file.name.rsplit("/", 1)[-1].split(".")[0])
    if request.headers.get("If-None-Match") == etag:
        response = HttpResponse(status=304)
    elif settings.FILES_ACCEL_PREFIX:
        response = HttpResponse(content_type=content_type)
        prefix = settings.FILES_ACCEL_PREFIX.rstrip("/")
        response["X-Accel-Redirect"] = f"{prefix}/{field_file.name}"
    else:
        try:
            response = _ranged(request, field_file, content_type, etag)
        except FileNotFoundError:
            # Erased this moment, or lost: the hourly sweep reports rows without a file.
            raise Http404 from None
    response["ETag"] = etag
    response["Cache-Control"] = f"private, max-age={MAX_AGE}"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Disposition"] = "inline"
    return response


def _ranged(request, field_file, content_type, etag):
    size = field_file.size
    wanted = request.headers.get("Range", "")
    if request.headers.get("If-Range", etag) != etag:
        wanted = ""  # the caller's part is of another file
    span = parse_range(wanted, size)
    if span == ():
        response = HttpResponse(status=416)
        response["Content-Range"] = f"bytes */{size}"
    elif span is None:
        response = FileResponse(field_file.open("rb"), content_type=content_type)
        response["Content-Length"] = str(size)
    else:
        first, last = span
        body = _part(field_file.open("rb"), first, last)
        response = StreamingHttpResponse(body, status=206, content_type=content_type)
        response["Content-Range"] = f"bytes {first}-{last}/{size}"
        response["Content-Length"] = str(last - first + 1)
    response["Accept-Ranges"] = "bytes"
    return response
