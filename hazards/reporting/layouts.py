"""How the forms of a report are laid out: the rider's, the staff's, and the one for an outage."""

from crispy_forms.layout import Div, Field, Fieldset
from django.utils.translation import gettext_lazy as _

from hazards.catalogue.cards import CARDS
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

FOLDER = "hazards/reporting"
PLACE = "core/place"
PIN_ASK = _("点一下出事的地方，点错了再点一次")
BARE = "yuanhang/layout/labelled.html"


def report_helper():
    """The report form; its ids are those that the scripts know. The button is in the bar."""
    return YuanhangHelper(
        Fragment(f"{FOLDER}/_report_head.html", "submission_key"),
        _seen(),
        _media(),
        _place(),
        _words(),
        Fragment(f"{FOLDER}/_report_foot.html", "same_as"),
        css_id="report-form",
        action="hazards:report",
        anchors={"category": "id_category_seals", "photos": "media", "voice": "media"},
        show_errors=False,  # the head shows them where the scripts look for them
        data_shrinks="",
        autocomplete="off",
    )


def _seen():
    return Fieldset(
        _("看到什么？"),
        SealChoices("category", options=lambda form: form.fields["category"].queryset),
        Fragment(f"{FOLDER}/_symptoms.html", "symptom"),
        Fragment(f"{FOLDER}/_advice.html", cards=CARDS),
    )


def _media():
    return Fieldset(
        _("拍一张，说一句"),
        Tiles(
            PhotoTiles("photos", camera="camera", album="album"),
            VoiceTile("voice", css_id="voice-input", talk="talk", tile="voice-file"),
            css_id="media",
        ),
        Fragment(f"{FOLDER}/_media_taken.html"),
    )


def _place():
    return Fieldset(
        _("在哪里？"),
        Fragment(f"{PLACE}/_locate.html", "latitude", "longitude", "accuracy", "datum"),
        Fragment(f"{PLACE}/_pin_map.html", "pinned", ask=PIN_ASK),
        # Folded by the script once the position is known: then hardly anybody has to write.
        Expander(
            _("再写一句地点"),
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


def _words():
    return Fieldset(
        "",
        Field("description", template=BARE),
        Fragment(f"{FOLDER}/_contact.html", "contact_name", "contact_phone", "shares_contact"),
    )


def entry_helper(names):
    """The staff's form: the fields `names` one under the other."""
    parts = {
        "place": Div(
            "place",
            Fragment(f"{PLACE}/_landmarks.html"),
            Fragment(f"{PLACE}/_pin_map.html", "pinned", ask=PIN_ASK),
        ),
        "photos": Tiles(PhotoTiles("photos"), VoiceTile("voice")),
        "voice": None,
    }
    return YuanhangHelper(
        *(part for name in names if (part := parts.get(name, name))),
        Fragment(f"{FOLDER}/_entry_nearby.html", "same_as"),
        Fragment(f"{FOLDER}/_entry_hint.html"),
        SubmitButton(_("保存")),
        css_id="entry",
        data_pin_map="",
    )


def paste_helper():
    """The pasted message belongs to the form `entry`, which it fills."""
    button = SubmitButton(
        _("填到下面"), css_class="btn-quiet btn-block", form="entry", name="paste", value="1"
    )
    return YuanhangHelper("pasted", button, tag=False)


def outage_helper(form):
    """A page without a database, and so without anything but the form."""
    return YuanhangHelper(
        Fragment(f"{PLACE}/_body_start.html"),
        "description",
        Tiles(PhotoTiles("photos"), VoiceTile("voice")),
        *(field.name for field in form.hidden_fields()),
        Fragment(f"{PLACE}/_body_end.html"),
        SubmitButton(_("再发一次")),
        action="hazards:report",
    )
