"""Uploaded files: the error that is shown to the person, and the one way to store what was checked.

A caller stores within `files.stored_with_rows`, which knows the names.
"""

import hashlib
from collections.abc import Iterable
from typing import Any, BinaryIO

from django.core.files.uploadedfile import UploadedFile

from yuanhang.core.files import FilesOfRows

from .photos import StoredPhoto
from .stored_voice import StoredVoice

CHUNK = 256 * 1024
DIGEST = "sent_sha256"  # where an upload keeps its digest; it never changes
ORIGINAL = "rec"  # how a recording's name ends that is not converted yet, whatever it is


def sha256_of(file: BinaryIO) -> str:
    """The hex digest of a file as it was sent: what it is before anything is decoded.

    An upload is asked for it by several forms of one request, and reckons it out once.
    """
    known = getattr(file, DIGEST, "")
    if known:
        return str(known)
    digest = hashlib.sha256()
    file.seek(0)
    while piece := file.read(CHUNK):
        digest.update(piece)
    file.seek(0)
    if isinstance(file, UploadedFile):
        setattr(file, DIGEST, digest.hexdigest())
    return digest.hexdigest()


def fingerprint(digests: Iterable[str]) -> str:
    """One digest for several files, in whatever order they came; empty for none."""
    together = "".join(sorted(digests))
    return hashlib.sha256(together.encode()).hexdigest() if together else ""


def store_photo(folder: str, photo: StoredPhoto, stored: FilesOfRows) -> dict[str, Any]:
    """Store a checked photo in its sizes; the fields of its row (a `Photo`)."""
    return {
        "image": store_jpeg(folder, photo.data, stored),
        "thumbnail": store_jpeg(folder, photo.thumbnail, stored),
        "medium": store_jpeg(folder, photo.medium, stored) if photo.medium else "",
        "width": photo.width,
        "height": photo.height,
    }


def store_jpeg(folder: str, data: bytes, stored: FilesOfRows) -> str:
    """Store a picture; its name."""
    return stored.save(folder, "jpg", data)


def store_voice(folder: str, voice: StoredVoice, stored: FilesOfRows) -> dict[str, Any]:
    """Store a checked voice note; the fields of its row (a `Voice`)."""
    if voice.is_original:
        name = stored.save(folder, ORIGINAL, voice.data)
        return {"audio": "", "original": name, "seconds": voice.seconds, "wave": ""}
    name = stored.save(folder, "m4a", voice.data)
    return {"audio": name, "original": "", "seconds": voice.seconds, "wave": voice.wave}
