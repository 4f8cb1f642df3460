"""Asking for help: one tap and a place are enough."""

import uuid
from datetime import UTC, datetime

from crispy_forms.layout import Div, Field, Fieldset
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from stations.areas.placed_form import PlacedForm, grid_field, place_field
from workers.help.asking import Attached, Content
from workers.help.models import FOR_NEIGHBOURS, SEALS, WORDS_MAX, HelpRequest, Kind
from yuanhang.core.accounts import PhoneField
from yuanhang.core.fields import WordsField
from yuanhang.core.form_layout import (
    Expander,
    Fragment,
    PhotoTiles,
    SealChoices,
    SubmitButton,
    Tiles,
    VoiceTile,
    YuanhangHelper,
)
from yuanhang.core.media import uploads
from yuanhang.core.models import NAME_MAX, validate_name
from yuanhang.core.uploads.fields import PhotosField, VoiceField

FILES = ("photos", "voice")
# The page's scripts know the fields of a report by these names, and serve this form as well.
BARE = "yuanhang/layout/labelled.html"
PLACE = "core/place"
ADVICE = {
    Kind.BROKEN: _("先把车推到路边，人站路外。"),
    Kind.BATTERY: _("先把车推到路边，人站路外。"),
    Kind.STUCK: _("别硬踩油门，人先离开车道。"),
    Kind.FALLEN: _("流血、起不来、头晕，先打 120；和车碰了，打 122。"),
    Kind.FROZEN: _("手脚发白没知觉、犯困，先打 120。先找个屋子进去，别搓。"),
}


class Option:
    """A kind as the layout's seals read it; `seals` and `advice` are by kind."""

    def __init__(self, kind, seals, advice):
        self.key, self.name, self.seal = kind.value, kind.label, seals[kind]
        self.advice = advice.get(kind, "")


class HelpForm(PlacedForm):
    """A request for help. `for_neighbours` is whether neighbours may be asked at all."""

    category = forms.ChoiceField(
        choices=Kind.choices,
        label=_("你怎么了"),
        error_messages={
            "required": _("点一下你怎么了。"),
            "invalid_choice": _("没有这一样，请重新点。"),
        },
    )
    place = place_field()
    grid = grid_field()
    description = WordsField(
        max_length=WORDS_MAX,
        required=False,
        label=_("想补一句？可以不写"),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    photos = PhotosField(limit=4, label=_("照片"))
    voice = VoiceField(label=_("语音"))
    contact_name = WordsField(
        max_length=NAME_MAX, required=False, label=_("怎么称呼你"), validators=[validate_name]
    )
    contact_phone = PhoneField(required=False)
    asks_neighbours = forms.BooleanField(
        required=False,
        label=_("也告诉这个网格里愿意帮忙的骑手"),
        help_text=_(
            "他们先只看到是什么事、哪个网格；说了「我去」才看得到位置、话和语音。"
            "摔了、冻着了和别的事不会告诉他们。"
        ),
    )
    submission_key = forms.CharField(required=False, widget=forms.HiddenInput, max_length=64)
    # Milliseconds of the phone's clock, sent by the script alone where it was kept for a while.
    queued_at = forms.CharField(required=False, widget=forms.HiddenInput, max_length=20)

    field_order = ["category"]

    def __init__(self, *args, for_neighbours=False, is_guest=True, **kwargs):
        super().__init__(*args, **kwargs)
        if not for_neighbours:
            del self.fields["asks_neighbours"]
        if not is_guest:
            for name in ("contact_name", "contact_phone"):
                del self.fields[name]

    @property
    def helper(self):
        asks = ["asks_neighbours"] if "asks_neighbours" in self.fields else []
        contact = [
            Div(Field(name, template=BARE))
            for name in ("contact_name", "contact_phone")
            if name in self.fields
        ]
        reached = Fieldset(
            _("怎么找到你"), Div(*contact, css_class="two"), Fragment("workers/help/_phone.html")
        )
        return YuanhangHelper(
            Fragment("workers/help/_form_head.html", "submission_key"),
            Fieldset(
                _("你怎么了？"),
                SealChoices(
                    "category",
                    options=lambda _form: [Option(kind, SEALS, ADVICE) for kind in Kind],
                ),
                Fragment("workers/help/_advice.html"),
            ),
            _where(),
            Fieldset(_("说一句，拍一张"), _media(), Field("description", template=BARE)),
            *([reached] if contact else []),
            *asks,
            Fragment(f"{PLACE}/_body_end.html"),
            css_id="report-form",
            action="workers:help",
            anchors={"category": "id_category_seals", "photos": "media", "voice": "media"},
            show_errors=False,
            data_shrinks="",
            data_asks="category",
            data_by_button="",
            autocomplete="off",
        )

    def clean_submission_key(self):
        """A random UUID as our page makes them; anything else was made by hand."""
        key = parse_key(self.cleaned_data["submission_key"])
        if key is None:
            raise ValidationError(_("这个页面过期了，请再点一次发出。"), code="key")
        return key

    def clean_queued_at(self):
        """When the phone noted it, or None: a clock that cannot be read stops nobody."""
        return parse_clock(self.cleaned_data["queued_at"])

    def clean(self):
        data = super().clean()
        where = ("point", "place", "grid", "voice", "contact_phone")
        told = any(data.get(name) for name in where) or "voice" in self.errors
        if not told and "contact_phone" not in self.errors and not self.has_error(None):
            self.add_error(
                "place", ValidationError(_("说一下在哪儿：点定位、写个地标，或按住说一句。"))
            )
        if data.get("asks_neighbours") and data.get("category") not in FOR_NEIGHBOURS:
            words = _("摔了、冻着了和别的事只告诉驿站。去掉这个勾再发。")
            self.add_error("asks_neighbours", ValidationError(words))
        return data

    @property
    def attached(self):
        """The processed files."""
        note = self.cleaned_data["voice"]
        return Attached(
            photos=self.cleaned_data["photos"],
            voices=[note] if note else [],
            digest=self.files_digest(),
        )

    def skip_files(self):
        """Ask of the files only which they are; the form, for one line."""
        for name in FILES:
            self.fields[name].decodes = False
        return self

    @property
    def has_files(self):
        """Whether there is anything to decode, or to say of files that are gone."""
        fields = (self.fields[name] for name in FILES)
        return any(field.sent or field.sent is None for field in fields)

    def files_digest(self):
        """The fingerprint of the files as they were sent."""
        return uploads.fingerprint(
            digest for name in FILES for digest in self.fields[name].digests()
        )

    def content(self):
        """What the submission key stands for."""
        data = self.cleaned_data
        return Content(
            data["category"],
            data["description"],
            data["place"],
            data.get("contact_name", ""),
            data.get("contact_phone", ""),
            self.files_digest(),
        )

    def asked(self):
        """The keyword arguments of `asking.ask`, but for the asker."""
        data = self.cleaned_data
        names = "submission_key place grid community point source"
        return {name: data[name] for name in names.split()} | {
            "kind": data["category"],
            "words": data["description"],
            "contact_name": data.get("contact_name", ""),
            "contact_phone": data.get("contact_phone", ""),
            "asks_neighbours": data.get("asks_neighbours", False),
            "written_at": data["queued_at"],
            "attached": self.attached,
        }


def _where():
    return Fieldset(
        _("你在哪儿"),
        Fragment(f"{PLACE}/_locate.html", "latitude", "longitude", "accuracy", "datum"),
        Fragment(f"{PLACE}/_pin_map.html", "pinned", ask=_("点一下你在的地方，点错了再点一次")),
        Expander(
            _("写地点或地标"),
            Field("place", template=BARE),
            Fragment(f"{PLACE}/_landmarks.html"),
            Expander(
                _("知道是哪个网格？"),
                Field("grid", template="yuanhang/layout/inline_field.html"),
                is_open=lambda form: bool(form["grid"].value()),
            ),
            is_open=lambda form: True,
            id="place-words",
        ),
    )


def _media():
    return Tiles(
        VoiceTile("voice", css_id="voice-input", talk="talk", tile="voice-file"),
        PhotoTiles("photos", camera="camera", album="album"),
        css_id="media",
    )


def parse_key(text):
    """The submission key as a UUID of the random kind, or None."""
    try:
        key = uuid.UUID(str(text or ""))
    except ValueError:
        return None
    return key if key.version == 4 else None


def parse_clock(text):
    """Milliseconds since 1970 as a moment, or None."""
    if not (text or "").isascii() or not (text or "").isdecimal() or len(text) > 14:
        return None
    return datetime.fromtimestamp(int(text) / 1000, tz=UTC)


class AnswerForm(forms.Form):
    """A word of the keeper's."""

    answer = WordsField(
        max_length=HelpRequest._meta.get_field("answer").max_length,
        label=_("回一句，求助的人看得到"),
    )

    helper = YuanhangHelper("answer", SubmitButton(_("回话"), css_class="btn-outline"), tag=False)
