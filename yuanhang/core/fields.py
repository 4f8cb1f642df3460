"""Form fields that say what is wrong in words a person would use."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from yuanhang.core.media import photos, voice
from yuanhang.core.media.invalid_upload import InvalidUploadError


class WordsField(forms.CharField):
    """Text as people write it: any script; control characters are refused in plain words."""

    default_error_messages = {
        "null": _("文字里有不能显示的字符，请删掉重写。"),
        "max_length": _("太长了，最多 %(limit)s 个字。"),
    }

    def __init__(self, *, max_length, **kwargs):
        self.limit = max_length
        super().__init__(**kwargs)
        # Ours only: Django's own would answer NUL bytes in its own words.
        self.validators = list(kwargs.get("validators", ()))

    def widget_attrs(self, widget):
        """Let the browser hold the limit, too."""
        return super().widget_attrs(widget) | {"maxlength": str(self.limit)}

    def to_python(self, value):
        # One kind of line break, so that the limit counts what the writer sees.
        return super().to_python(value).replace("\r\n", "\n")

    def validate(self, value):
        # No NUL or other control characters but line breaks and tabs; not too long.
        super().validate(value)
        if any(ord(c) < 32 and c not in "\n\t" for c in value):
            raise ValidationError(self.error_messages["null"], code="null")
        if len(value) > self.limit:
            message = self.error_messages["max_length"] % {"limit": self.limit}
            raise ValidationError(message, code="max_length")


class MultipleFiles(forms.ClearableFileInput):
    """A file input that sends several."""

    allow_multiple_selected = True


class PhotosField(forms.FileField):
    """Up to `limit` photos; cleans to a list of `photos.StoredPhoto`."""

    def __init__(self, *, limit=4, **kwargs):
        self.limit = limit
        widget = MultipleFiles(attrs={"accept": "image/*"})
        super().__init__(required=False, widget=widget, **kwargs)

    def clean(self, data, initial=None):
        # Process each photo; the first refusal is the field's error.
        uploads = [item for item in (data if isinstance(data, list | tuple) else [data]) if item]
        if len(uploads) > self.limit:
            raise ValidationError(
                _("最多 %(limit)s 张照片，请去掉几张。") % {"limit": self.limit}, code="too_many"
            )
        try:
            return [photos.process(upload) for upload in uploads]
        except InvalidUploadError as error:
            raise ValidationError(error.message, code="photo") from error


class PhotoField(forms.FileField):
    """One photo; cleans to a `photos.StoredPhoto`.

    With nothing sent: what was there before, or False where its removal was ticked.
    """

    widget = forms.FileInput(attrs={"accept": "image/*"})

    def clean(self, data, initial=None):
        # Process the photo; a refusal is the field's error.
        given = super().clean(data, initial)
        if not hasattr(given, "read"):
            return given
        try:
            return photos.process(given)
        except InvalidUploadError as error:
            raise ValidationError(error.message, code="photo") from error


class VoiceField(forms.FileField):
    """One voice note; cleans to a `voice.StoredVoice` or None."""

    def __init__(self, **kwargs):
        widget = forms.FileInput(attrs={"accept": "audio/*"})
        super().__init__(required=False, widget=widget, **kwargs)

    def clean(self, data, initial=None):
        if not data:
            return None
        try:
            return voice.convert(data)
        except InvalidUploadError as error:
            raise ValidationError(error.message, code="voice") from error
