"""Uploaded files: the error that is shown to the person, and the one way to store what was checked.

A caller stores within `files.undone_on_failure`, whose list collects the names.
"""

import hashlib
from collections.abc import Iterable
from typing import Any, BinaryIO

from django.core.files.storage import default_storage

from yuanhang.core import files

from .photos import StoredPhoto
from .voice import StoredVoice

CHUNK = 64 * 1024


def sha256_of(file: BinaryIO) -> str:
    """The hex digest of a file as it was sent: what it is before anything is decoded."""
    digest = hashlib.sha256()
    file.seek(0)
    while piece := file.read(CHUNK):
        digest.update(piece)
    file.seek(0)
    return digest.hexdigest()


def fingerprint(digests: Iterable[str]) -> str:
    """One digest for several files, in whatever order they came; empty for none."""
    together = "".join(sorted(digests))
    return hashlib.sha256(together.encode()).hexdigest() if together else ""


def store_photo(folder: str, photo: StoredPhoto, written: list[str]) -> dict[str, Any]:
    """Store a checked photo in its sizes; the fields of its row (a `Photo`)."""
    return {
        "image": store_jpeg(folder, photo.data, written),
        "thumbnail": store_jpeg(folder, photo.thumbnail, written),
        "medium": store_jpeg(folder, photo.medium, written) if photo.medium else "",
        "width": photo.width,
        "height": photo.height,
    }


def store_jpeg(folder: str, data: bytes, written: list[str]) -> str:
    """Store a picture; its name."""
    return _store(folder, "jpg", data, written)


def store_voice(folder: str, voice: StoredVoice, written: list[str]) -> dict[str, Any]:
    """Store a checked voice note; the fields of its row (a `Voice`)."""
    audio = _store(folder, "m4a", voice.data, written)
    return {"audio": audio, "seconds": voice.seconds, "wave": voice.wave}


def _store(folder: str, extension: str, data: bytes, written: list[str]) -> str:
    name = files.save_bytes(default_storage, folder, extension, data)
    written.append(name)
    return name
