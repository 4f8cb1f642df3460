"""我在帮忙: one tap, where, and whose name stands on it; and what staff confirm."""

from crispy_forms.layout import Field, Fieldset
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from stations.areas.placed_form import PLACE_MAX, PlacedForm, grid_field
from workers.help.forms import PLACE, Option, parse_clock, parse_key
from workers.proofs.models import SEALS, Proof, What
from workers.proofs.proofs import Shown
from yuanhang.core.fields import WordsField
from yuanhang.core.form_layout import (
    Expander,
    Fragment,
    SealChoices,
    SubmitButton,
    TickBoxes,
    YuanhangHelper,
)

INLINE = "yuanhang/layout/inline_field.html"
BARE = "yuanhang/layout/labelled.html"
ADVICE = {
    What.ACCIDENT: _("先打 122，有人受伤打 120。人站路外。"),
    What.FIRE: _("先打 119。不进火场。"),
    What.ELDER: _("陪在原地，打 110。"),
}


class ProofForm(PlacedForm):
    """What the rider does at this minute; the place is used to find the grid, and not stored."""

    category = forms.ChoiceField(
        choices=What.choices,
        label=_("在帮什么"),
        error_messages={
            "required": _("点一下在帮什么。"),
            "invalid_choice": _("没有这一样，请重新点。"),
        },
    )
    place = WordsField(
        max_length=PLACE_MAX,
        required=False,
        label=_("地标（只用来找网格，不存）"),
        widget=forms.TextInput(attrs={"list": "landmarks", "autocomplete": "off"}),
    )
    grid = grid_field()
    reference = WordsField(
        max_length=40,
        required=False,
        label=_("隐患编号或活动名，可以不写"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    shows_name = forms.BooleanField(required=False, label=_("写上我的称呼"), initial=True)
    shows_digits = forms.BooleanField(required=False, label=_("写上手机尾号四位"))
    shows_platform = forms.BooleanField(required=False, label=_("写上平台"))
    submission_key = forms.CharField(required=False, widget=forms.HiddenInput, max_length=64)
    queued_at = forms.CharField(required=False, widget=forms.HiddenInput, max_length=20)

    field_order = ["category"]

    @property
    def helper(self):
        return YuanhangHelper(
            Fragment("workers/help/_form_head.html", "submission_key"),
            Fieldset(
                _("在帮什么？"),
                SealChoices(
                    "category",
                    options=lambda _form: [Option(one, SEALS, ADVICE) for one in What],
                ),
                Fragment("workers/help/_advice.html"),
            ),
            Fieldset(
                _("在哪儿"),
                Fragment(f"{PLACE}/_locate.html", "latitude", "longitude", "accuracy", "datum"),
                Fragment(f"{PLACE}/_pin_map.html", "pinned", ask=_("点一下你在的地方")),
                Expander(
                    _("选地标或网格"),
                    Field("place", template=BARE),
                    Fragment(f"{PLACE}/_landmarks.html"),
                    Field("grid", template=INLINE),
                    is_open=lambda form: True,
                    id="place-words",
                ),
            ),
            Field("reference"),
            Fieldset(
                _("上面写谁"),
                TickBoxes("shows_name", "shows_digits", "shows_platform"),
            ),
            Fragment(f"{PLACE}/_body_end.html"),
            css_id="report-form",
            action="workers:proof-new",
            anchors={"category": "id_category_seals"},
            show_errors=False,
            data_asks="category",
            data_begins="shows_name",
            data_by_button="",
            autocomplete="off",
        )

    def clean_submission_key(self):
        """A random UUID as our page makes them; anything else was made by hand."""
        key = parse_key(self.cleaned_data["submission_key"])
        if key is None:
            raise ValidationError(_("这个页面过期了，请再点一次。"), code="key")
        return key

    def clean_queued_at(self):
        """When the phone noted it, or None."""
        return parse_clock(self.cleaned_data["queued_at"])

    def clean(self):
        data = super().clean()
        if not (data.get("shows_name") or data.get("shows_digits")):
            words = _("称呼和手机尾号至少写一样，不然看不出是谁的。")
            self.add_error("shows_name", ValidationError(words))
        return data

    def registered(self):
        """The keyword arguments of `proofs.register`, but for the rider."""
        data = self.cleaned_data
        shown = Shown(data["shows_name"], data["shows_digits"], data["shows_platform"])
        names = "submission_key grid community reference"
        return {name: data[name] for name in names.split()} | {
            "what": data["category"],
            "shown": shown,
            "written_at": data["queued_at"],
        }


class ConfirmForm(forms.Form):
    """What staff know it by."""

    against = forms.ChoiceField(
        choices=Proof.Against.choices, widget=forms.RadioSelect, label=_("怎么知道的")
    )
    case = WordsField(max_length=40, required=False, label=_("对应的隐患编号"))
    unit = WordsField(max_length=60, required=False, label=_("或者哪个单位说的"))

    helper = YuanhangHelper(
        "against", "case", "unit", SubmitButton(_("核实了"), css_class="btn-outline"), tag=False
    )

    def clean(self):
        data = super().clean()
        if not self.errors and not (data.get("case") or data.get("unit")):
            raise ValidationError(_("写上隐患编号，或者是哪个单位说的。"))
        return data
