"""Private files: random names on disk, handed out by views that asked who may see them."""

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.apps import apps
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import models, transaction
from django.db.models.signals import post_delete
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.utils.http import quote_etag

CHUNK = 64 * 1024
ORPHAN_AGE = timedelta(hours=1)  # no upload takes so long from the file to the commit
MAX_AGE = 7 * 24 * 3600  # seconds; a stored file never changes under its name


def random_name(extension):
    """32 unguessable hexadecimal digits and the extension."""
    return f"{secrets.token_hex(16)}.{extension}"


def save_bytes(storage, folder, extension, data):
    """Store bytes under `folder/ab/<random>.<extension>`; returns the stored name."""
    name = random_name(extension)
    return storage.save(f"{folder}/{name[:2]}/{name}", ContentFile(data))


@contextmanager
def undone_on_failure():
    """Collects the names of files written; removes them when the block fails.

    The database rolls back by itself, the disk does not.
    """
    names = []
    try:
        yield names
    except BaseException:
        for name in names:
            default_storage.delete(name)
        raise


def go_with_rows(models_of_all_rooms):
    """Let the files of every deleted row go at commit, also by a cascade; a rollback keeps them.

    Only models that hold files listen: a listener costs the fast way of deleting.
    """
    for model in models_of_all_rooms:
        if any(isinstance(field, models.FileField) for field in model._meta.fields):
            post_delete.connect(_remove_files, sender=model, dispatch_uid="files_go_with_rows")


def _remove_files(sender, instance, **_kwargs):
    fields = [f for f in sender._meta.fields if isinstance(f, models.FileField)]
    names = [file.name for field in fields if (file := getattr(instance, field.name))]
    transaction.on_commit(lambda: [default_storage.delete(name) for name in names])


def remove_orphans(folder: str, now: datetime) -> None:
    """Delete files below a folder that no row of any room names.

    A crash between disk and database leaves them, in either direction.
    """
    known: set[str] = set()
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, models.FileField):
                inside = {f"{field.name}__startswith": f"{folder}/"}
                rows = model._default_manager.filter(**inside)
                known.update(rows.values_list(field.name, flat=True))
    for name in _stored(folder):
        if name not in known and default_storage.get_created_time(name) < now - ORPHAN_AGE:
            default_storage.delete(name)


def _stored(folder: str) -> Iterator[str]:
    """Names of all files below a folder; nothing where there is none."""
    if not default_storage.exists(folder):
        return
    folders, names = default_storage.listdir(folder)
    yield from (f"{folder}/{name}" for name in names)
    for inner in folders:
        yield from _stored(f"{folder}/{inner}")


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
    """
    etag = quote_etag(field_file.name.rsplit("/", 1)[-1].split(".")[0])
    if request.headers.get("If-None-Match") == etag:
        response = HttpResponse(status=304)
    elif settings.FILES_ACCEL_PREFIX:
        response = HttpResponse(content_type=content_type)
        prefix = settings.FILES_ACCEL_PREFIX.rstrip("/")
        response["X-Accel-Redirect"] = f"{prefix}/{field_file.name}"
    else:
        response = _ranged(request, field_file, content_type, etag)
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
