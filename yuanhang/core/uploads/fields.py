"""Form fields for photos and voice. What was sent well survives a refusal of its form.

A form that comes back holds the good files of this try and of those before as hidden keys
(`<name>_kept`); a ticked `<name>_drop` takes one away. It works without scripts, because the
browser never fills a file input again. A script that holds the files itself says `files_held`.
"""

from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from yuanhang.core.files import NoRoomError
from yuanhang.core.media import helpers
from yuanhang.core.media.invalid_upload import InvalidUploadError
from yuanhang.core.media.uploads import sha256_of
from yuanhang.core.text import clean
from yuanhang.core.uploads import draft_uploads
from yuanhang.core.uploads.models import DraftUpload

NAME_MAX = 40
GONE = _("先前收好的文件放久了，已经删掉，要重新选。")


@dataclass
class GoodFile:
    """A file that can be stored: what it became, the digest of what was sent, its key if kept."""

    stored: Any
    digest: str
    key: str = ""


@dataclass(frozen=True)
class KeptFile:
    """What the form shows of a file that need not be sent again."""

    key: str
    preview: str = ""


@dataclass
class SentFiles:
    """What came for a field: new files, and the keys of those kept before."""

    fresh: list[Any] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    # The phone keeps its files itself, until they have arrived.
    is_held: bool = False
    # The removal of what is stored was ticked.
    is_cleared: bool = False
    # What is stored, for the form to show.
    stored: Any = None
    owner: Any = None
    good: list[GoodFile] | None = None

    def __bool__(self):
        return bool(self.fresh or self.keys)

    def digests(self, kind):
        """Of all that was sent, before anything is decoded."""
        drafts = draft_uploads.find(self.keys, kind, owner=self.owner)
        return [sha256_of(file) for file in self.fresh] + [draft.digest for draft in drafts]

    @cached_property
    def kept(self):
        """The good files for the form to show; what is new among them is stored for a day."""
        if self.good is None:  # nobody has looked at them; during an outage nobody can
            return [KeptFile(key) for key in self.keys]
        if self.is_held:
            return []
        for file in self.good:
            if not file.key:
                with suppress(NoRoomError):  # it has to be chosen again then
                    file.key = draft_uploads.keep(file.stored, file.digest, owner=self.owner).key
        kept = [file for file in self.good if file.key]
        return [KeptFile(file.key, draft_uploads.preview(file.stored)) for file in kept]


class KeepsFiles:
    """For a file input: takes new files and the keys of kept ones, and shows the latter."""

    template_name = "core/uploads/file_input.html"

    def value_from_datadict(self, data, files, name):
        return SentFiles(
            [file for file in _all(files, name) if file],
            [key for key in _all(data, f"{name}_kept") if key not in _all(data, f"{name}_drop")],
            is_held="files_held" in data,
        )

    def value_omitted_from_data(self, data, files, name):
        return name not in files and f"{name}_kept" not in data

    def get_context(self, name, value, attrs):
        kept, stored = [], value
        if isinstance(value, SentFiles):
            kept, stored = value.kept, value.stored
        return super().get_context(name, stored, attrs) | {"kept": kept, "name": name}


def _all(data, name):
    if hasattr(data, "getlist"):
        return data.getlist(name)
    value = data.get(name) if data else None
    return value if isinstance(value, list) else [value] if value else []


class PhotoInput(KeepsFiles, forms.FileInput):
    """A file input whose photos the browser makes smaller before they are sent.

    The admin loads the script by itself; pages of ours name it among theirs.
    """

    class Media:
        js = ("js/photos.js",)


class ClearablePhotoInput(KeepsFiles, forms.ClearableFileInput):
    """One for a photo that may be stored already: shows it, and has a box to take it away.

    A new photo goes before the tick: it takes the old one's place anyhow.
    """

    template_name = "core/uploads/clearable_file_input.html"

    class Media:
        js = ("js/photos.js",)

    def value_from_datadict(self, data, files, name):
        sent = super().value_from_datadict(data, files, name)
        self.checked = sent.is_cleared = self.clear_checkbox_name(name) in data
        return sent


class PhotosInput(PhotoInput):
    """One that takes several."""

    allow_multiple_selected = True


class VoiceInput(KeepsFiles, forms.FileInput):
    """One for a recording."""


class FilesField(forms.FileField):
    """What the fields below have in common.

    `owner` is who sends the form, None for a guest. Without `decodes` the digests are all that
    is asked of what was sent.
    """

    kind = DraftUpload.Kind.PHOTO
    limit = 1
    owner = None
    decodes = True
    sent = None

    def process(self, upload):
        """What is to be stored of an uploaded file; InvalidUploadError."""
        return helpers.process_photo(upload)

    def bound_data(self, data, initial):
        # What was looked at, so that nothing is read twice.
        if not isinstance(data, SentFiles):
            return data
        shown = self.sent or data
        shown.stored = initial
        return shown

    def has_changed(self, initial, data):
        if isinstance(data, SentFiles):
            return bool(data) or data.is_cleared
        return super().has_changed(initial, data)

    def files_of(self, data):
        """The good files of what was sent; the reasons why others are not as a ValidationError."""
        sent = data if isinstance(data, SentFiles) else SentFiles(_listed(data))
        self.sent, sent.owner, sent.good, reasons = sent, self.owner, [], []
        if not self.decodes:
            return []
        for draft in draft_uploads.find(sent.keys, self.kind, owner=self.owner):
            if (stored := draft_uploads.read(draft)) is not None:
                sent.good.append(GoodFile(stored, draft.digest, draft.key))
        if len(sent.good) < len(set(sent.keys)):
            reasons.append(ValidationError(GONE, code="gone"))
        room = self.limit - len(sent.good)
        if self.limit == 1 and sent.fresh:
            sent.good, room = [], 1  # the new one in the old one's place
        many = len(sent.fresh) > 1 or bool(sent.good)
        for number, upload in enumerate(sent.fresh[: max(room, 0)], start=1):
            try:
                sent.good.append(GoodFile(self.process(upload), sha256_of(upload)))
            except InvalidUploadError as error:
                reason = _named(number, upload, error.message) if many else error.message
                reasons.append(ValidationError(reason, code=str(self.kind)))
        if len(sent.fresh) > room:
            message = _("最多 %(limit)s 张照片，请去掉几张。") % {"limit": self.limit}
            reasons.append(ValidationError(message, code="too_many"))
        if reasons:
            raise ValidationError(reasons)
        return [file.stored for file in sent.good]

    def digests(self):
        """The digests of what was sent."""
        return self.sent.digests(self.kind) if self.sent else []


def _listed(data):
    return [item for item in (data if isinstance(data, list | tuple) else [data]) if item]


def _named(number, upload, why):
    """Which of several files is meant, and what is wrong with it."""
    name = clean(str(getattr(upload, "name", "") or "")).replace("\n", " ")[-NAME_MAX:]
    return _("第 %(n)d 张（%(name)s）：%(why)s") % {"n": number, "name": name, "why": why}


class PhotosField(FilesField):
    """Up to `limit` photos; cleans to a list of `photos.StoredPhoto`."""

    def __init__(self, *, limit=4, **kwargs):
        self.limit = limit
        widget = PhotosInput(attrs={"accept": "image/*"})
        super().__init__(required=False, widget=widget, **kwargs)

    def clean(self, data, initial=None):
        # Process each photo; a refusal names its photo, and the others are kept.
        return self.files_of(data)


class PhotoField(FilesField):
    """One photo; cleans to a `photos.StoredPhoto`.

    With nothing sent: what was there before, or False where its removal was ticked.
    """

    widget = PhotoInput(attrs={"accept": "image/*"})

    def clean(self, data, initial=None):
        # Process the photo; a refusal is the field's error.
        if isinstance(data, SentFiles) and data:
            (photo,) = self.files_of(data) or [None]
            return photo
        if isinstance(data, SentFiles) and data.is_cleared and not self.required:
            return False
        given = super().clean(None if isinstance(data, SentFiles) else data, initial)
        if not hasattr(given, "read") or given is initial:
            return given
        return self.files_of(given)[0]


class VoiceField(FilesField):
    """One voice note; cleans to a `StoredVoice` or None: as it came, the queue converts it."""

    kind = DraftUpload.Kind.VOICE

    def __init__(self, **kwargs):
        widget = VoiceInput(attrs={"accept": "audio/*"})
        super().__init__(required=False, widget=widget, **kwargs)

    def process(self, upload):
        """What is to be stored of a recording; InvalidUploadError."""
        return helpers.probe_voice(upload)

    def clean(self, data, initial=None):
        # Look at the note; a refusal is the field's error.
        return next(iter(self.files_of(data)), None)


def sent_by(form, user):
    """The form, told who sends it: what is kept of its files is theirs alone."""
    for item in form.fields.values():
        if isinstance(item, FilesField):
            item.owner = user if user.is_authenticated else None
    return form


def form_sent_by(form_class, user):
    """A class of forms, each told who sends it; for the admin, which makes its forms itself."""
    if not any(isinstance(item, FilesField) for item in form_class.base_fields.values()):
        return form_class

    class SentForm(form_class):
        """The form, with an owner for what is kept of it."""

        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            sent_by(self, user)

    SentForm.__name__ = form_class.__name__
    return SentForm
