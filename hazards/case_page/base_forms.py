"""What the forms of all verbs have in common."""

from django import forms
from django.utils.translation import gettext_lazy as _

from hazards.cases.attachments import Attachments
from hazards.cases.standards import offered_standards, suggested_standard
from hazards.catalogue.models import StandardCase
from yuanhang.core.fields import KeptRowField, WordsField
from yuanhang.core.form_layout import PhotoTiles, Tiles, VoiceTile, YuanhangHelper
from yuanhang.core.uploads.fields import PhotosField

NOTE_MAX = 500


class MoveForm(forms.Form):
    """A move that asks for nothing but an optional word to the reporter."""

    note = WordsField(
        max_length=NOTE_MAX,
        required=False,
        label=_("说一句（上报人看得到）"),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    # How the deadlines follow, said before it is done; nothing where they do not.
    rule = ""
    # Which field a chosen sentence stands for.
    spoken_field = "note"

    def __init__(self, *args, hazard, held=frozenset(), phrases=(), has_followers=False, **kwargs):
        self.hazard, self.held, self.has_followers = hazard, held, has_followers
        super().__init__(*args, label_suffix="", **kwargs)
        if phrases:
            self.fields["phrase"] = forms.ChoiceField(
                choices=[("", _("常用的话（选了就不用写）")), *((text, text) for text in phrases)],
                required=False,
                label=_("常用的话"),
                error_messages={"invalid_choice": _("没有这句话，重新选。")},
            )
            names = [name for name in self.fields if name != "phrase"]
            names.insert(names.index(self.spoken_field), "phrase")
            self.order_fields(names)

    @property
    def helper(self):
        """The fields; the page writes the form's tag and buttons, which depend on the case."""
        tools = []
        if isinstance(self.fields.get("photos"), PhotosField):
            tools.append(PhotoTiles("photos"))
        if "voice" in self.fields:
            tools.append(VoiceTile("voice"))
        # What is taken and what is said stand in one row, where the first of them would.
        parts = [name for name in self.fields if name != "voice" or not tools]
        if "photos" in parts and tools:
            parts[parts.index("photos")] = Tiles(*tools)
        return YuanhangHelper(*parts, tag=False)

    def clean(self):
        # A chosen sentence is said where nothing was written, else before what was written.
        data = super().clean()
        phrase = data.pop("phrase", "")
        name = self.spoken_field
        if phrase and name not in self.errors:
            data[name] = " ".join(filter(None, (phrase, data.get(name, ""))))
        return data

    def arguments(self):
        """The keyword arguments of the verb."""
        return dict(self.cleaned_data)


class ReasonForm(MoveForm):
    """A move that the reporter is owed a reason for."""

    reason = WordsField(
        max_length=NOTE_MAX,
        label=_("原因（上报人看得到）"),
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("写一句原因，上报人会看到。")},
    )
    field_order = ["reason", "note"]
    spoken_field = "reason"

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "note" in self.fields:
            self.fields["note"].label = _("再补一句")
            self.fields["note"].widget = forms.TextInput()
        # A chosen sentence is a reason, too, so `clean` asks for one or the other.
        self.fields["reason"].required = False

    def clean(self):
        # A reason, written or chosen.
        data = super().clean()
        if not data.get("reason") and not self.errors:
            self.add_error("reason", self.fields["reason"].error_messages["required"])
        return data


class EvidenceForm(MoveForm):
    """A photo, if there is one."""

    photos = PhotosField(label=_("照片（可不拍）"))
    field_order = ["photos", "note"]

    def arguments(self):
        """Photos travel as attachments."""
        data = dict(self.cleaned_data)
        return {"attachments": Attachments(photos=data.pop("photos")), **data}


class StandardCaseChoice(KeptRowField):
    """Standard cases with their limit; those that fit the case come first."""

    def __init__(self, **kwargs):
        kwargs.setdefault("label", _("立案标准"))
        kwargs.setdefault("empty_label", _("请选择"))
        super().__init__(StandardCase.objects.all(), **kwargs)
        self.error_messages |= {
            "required": _("选一条立案标准。"),
            "invalid_choice": _("没有这条标准。"),
        }

    def fit(self, hazard, *others):
        """Offer every standard in use, those that fit all these cases first and apart.

        Returns the one to begin with, or None.
        """
        offered = offered_standards(hazard, *others)
        self.offer(offered)
        groups = [(_("这一类的"), True), (_("别的"), False)]
        choices = [("", self.empty_label)] if self.empty_label else []
        for label, fits in groups:
            rows = [(c.pk, c.label) for c in offered if c.fits == fits]
            if rows:
                choices.append((label, rows))
        self.choices = choices
        return suggested_standard(hazard, offered)
