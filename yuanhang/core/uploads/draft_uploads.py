"""Keeping a checked file for the next try of its form, and finding it again."""

import base64
import hashlib
from collections.abc import Iterable

from django.db.models import Q

from yuanhang.core import files
from yuanhang.core.media import uploads
from yuanhang.core.media.photos import StoredPhoto
from yuanhang.core.media.stored_voice import StoredVoice
from yuanhang.core.models import User
from yuanhang.core.uploads.models import DraftUpload

FOLDER = "drafts"


def keep(file: StoredPhoto | StoredVoice, digest: str, *, owner: User | None) -> DraftUpload:
    """Store a checked file; `digest` is that of what was sent, `owner` None for a guest."""
    with files.stored_with_rows() as stored:
        if isinstance(file, StoredPhoto):
            names = uploads.store_photo(FOLDER, file, stored)
            names["file"] = names.pop("image")
            if file.position:
                names["latitude"], names["longitude"] = file.position
            kind = DraftUpload.Kind.PHOTO
        else:
            names = uploads.store_voice(FOLDER, file, stored)
            original, audio = names.pop("original"), names.pop("audio")
            names["file"] = original or audio
            kind = DraftUpload.Kind.VOICE
        return DraftUpload.objects.create(owner=owner, kind=kind, digest=digest, **names)


def find(keys: Iterable[str], kind: str, *, owner: User | None) -> list[DraftUpload]:
    """The kept files of these keys, in their order; what is gone or another's is left out.

    A guest's file is whoever's holds its key: the guest may have logged in since.
    """
    wanted = list(keys)
    if not wanted:
        return []
    rows = DraftUpload.objects.filter(Q(owner=None) | Q(owner=owner), key__in=wanted, kind=kind)
    by_key = {row.key: row for row in rows}
    return [by_key[key] for key in dict.fromkeys(wanted) if key in by_key]


def read(draft: DraftUpload) -> StoredPhoto | StoredVoice | None:
    """The file as its form would hand it on; None where the disk has lost it."""
    try:
        data = _bytes(draft.file)
        digest = hashlib.sha256(data).hexdigest()
        if draft.kind == DraftUpload.Kind.VOICE:
            is_original = draft.file.name.endswith(f".{uploads.ORIGINAL}")
            return StoredVoice(data, draft.seconds, digest, draft.wave, is_original)
        thumbnail, place = _bytes(draft.thumbnail), (draft.latitude, draft.longitude)
        position = None if None in place else place
        medium = _bytes(draft.medium) if draft.medium else b""
        size = draft.width, draft.height
        return StoredPhoto(data, thumbnail, *size, digest, position, medium)
    except FileNotFoundError:
        return None


def preview(file: StoredPhoto | StoredVoice) -> str:
    """A photo's thumbnail as an address that holds the picture itself; empty for voice.

    So nothing private has an address of its own.
    """
    if isinstance(file, StoredVoice):
        return ""
    return f"data:image/jpeg;base64,{base64.b64encode(file.thumbnail).decode()}"


def _bytes(stored) -> bytes:
    with stored.open("rb") as handle:
        return handle.read()
