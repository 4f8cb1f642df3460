"""One form per verb. Each knows which fields it asks for; the verb judges the move."""

from datetime import timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hazards.case_page.base_forms import EvidenceForm, MoveForm, ReasonForm, StandardCaseChoice
from hazards.case_page.correction_forms import (
    EndUnrepairedForm,
    ReassignForm,
    RecategoriseForm,
    ReprioritiseForm,
    RestandardForm,
    SplitForm,
    WordlessForm,
)
from hazards.cases import duplicates
from hazards.cases.attachments import Attachments
from hazards.cases.case_numbers import normalise_number
from hazards.cases.kind_words import says
from hazards.cases.models.hazards import PLACE_MAX, Hazard, Rating
from hazards.cases.standards import kept_repairers
from hazards.cases.states import State
from hazards.cases.transitions import REVIEWER
from hazards.catalogue.models import Urgency
from hazards.deadlines import deadlines
from stations.areas.models import Grid
from stations.postings.models import Organisation
from yuanhang.core.fields import KeptRowField, WordsField
from yuanhang.core.uploads.fields import PhotosField, VoiceField

ASKED_DAYS_MAX = 180  # no unit plans further ahead with one hole in the road
HOW_THE_ANSWER_CAME = _("还在等上报人补充。已经问到了，写一句是怎么知道的。")


class AskInfoForm(ReasonForm):
    """What is missing."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = _("请上报人补充什么")


class AcceptForm(MoveForm):
    """Urgency, and for a thing the standard that it is filed under."""

    standard_case = StandardCaseChoice()
    urgency = forms.TypedChoiceField(
        choices=Urgency.choices, coerce=int, label=_("紧急程度"), widget=forms.RadioSelect
    )
    field_order = ["standard_case", "urgency", "note"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if deadlines.has_make_safe(self.hazard):
            field = self.fields["standard_case"]
            field.initial = field.fit(self.hazard)
        else:
            del self.fields["standard_case"]
        self.fields["urgency"].initial = self.hazard.urgency
        if self.hazard.state == State.NEEDS_INFO:
            note = self.fields["note"]
            note.required, note.label = True, _("问到了什么（上报人看得到）")
            note.error_messages["required"] = HOW_THE_ANSWER_CAME

    def clean(self):
        # A chosen sentence is a word, too.
        if self.data.get(self.add_prefix("phrase")) and not self.cleaned_data.get("note"):
            self.errors.pop("note", None)
            self.cleaned_data.setdefault("note", "")
        return super().clean()


class RejectForm(ReasonForm):
    """Why not; and whether that holds for everybody who reported the place."""

    followers = forms.ChoiceField(
        choices=[("go_on", _("最早的一件接着办")), ("end", _("这个原因都成立，一起不受理"))],
        initial="go_on",
        label=_("并进来的上报"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("选一个：接着办，还是一起不受理。"),
            "invalid_choice": _("选一个：接着办，还是一起不受理。"),
        },
    )
    field_order = ["reason", "note", "followers"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if not self.has_followers:
            del self.fields["followers"]

    def arguments(self):
        """The verb asks whether the reason holds for the place."""
        data = super().arguments()
        return data | {"holds_for_place": data.pop("followers", "go_on") == "end"}


class DispatchForm(MoveForm):
    """To whom, and the number it has there."""

    organisation = KeptRowField(
        Organisation.objects.all(),
        label=_("责任单位"),
        empty_label=_("请选择"),
        error_messages={"required": _("选一个责任单位。"), "invalid_choice": _("没有这个单位。")},
    )
    outside_number = WordsField(max_length=40, required=False, label=_("对方单号"))
    field_order = ["organisation", "outside_number", "note"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["organisation"].offer(kept_repairers(self.hazard.subdistrict_id))


class CloseForm(MoveForm):
    """The closing condition was seen to be met."""

    condition_met = forms.BooleanField()
    field_order = ["condition_met", "note"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        label, standard = says(self.hazard, "condition_met"), self.hazard.standard_case
        if standard:
            label = _("%(label)s：%(condition)s") % {
                "label": label,
                "condition": standard.close_condition,
            }
        field = self.fields["condition_met"]
        field.label = label
        field.error_messages["required"] = says(self.hazard, "condition_asked")


class SupplyInfoForm(MoveForm):
    """The reporter's answer in words, pictures or voice."""

    photos = PhotosField(label=_("照片"))
    voice = VoiceField(label=_("语音"))
    field_order = ["note", "photos", "voice"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # The question stands where the answer is given.
        self.fields["note"].label = self.hazard.question or _("写一句")

    def arguments(self):
        """Photos and voice travel as attachments."""
        voice = self.cleaned_data["voice"]
        return {
            "note": self.cleaned_data["note"],
            "attachments": Attachments(
                photos=self.cleaned_data["photos"], voices=[voice] if voice else []
            ),
        }


class SupplementForm(SupplyInfoForm):
    """What came to mind after sending, and the right place."""

    place = WordsField(max_length=PLACE_MAX, required=False, label=_("地点改成（不改就空着）"))
    grid = forms.ModelChoiceField(
        Grid.objects.none(),
        required=False,
        label=_("在哪个网格（不改就不选）"),
        empty_label=_("不改"),
        error_messages={"invalid_choice": _("没有这个网格。")},
    )
    # Sent by the button beside the offered point alone.
    photo_place = forms.BooleanField(required=False, widget=forms.HiddenInput)
    field_order = ["note", "photos", "voice", "place", "grid", "photo_place"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        here = Grid.objects.filter(community__subdistrict_id=self.hazard.subdistrict_id)
        self.fields["grid"].queryset = here.select_related("community").order_by("number")

    def arguments(self):
        """The place beside words and files."""
        place = {name: self.cleaned_data[name] for name in ("place", "grid", "photo_place")}
        return super().arguments() | place


class WithdrawForm(MoveForm):
    """Taking it back."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["note"].label = _("为什么撤回（可不写）")


class ExtendForm(ReasonForm):
    """Why it takes longer."""


class SuspendForm(ReasonForm):
    """Why nothing can be done now, and until when."""

    until = forms.DateField(
        label=_("到哪天"),
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={
            "required": _("选一个日子。"),
            "invalid": _("日子写得不对，像 2026-12-01。"),
        },
    )
    field_order = ["until", "reason", "note"]

    def clean_until(self):
        """After today; not so far that it is forgotten."""
        until, today = self.cleaned_data["until"], timezone.localdate()
        if until <= today:
            raise forms.ValidationError(_("挂起到哪天，要选今天以后的日子。"))
        if until > today + timedelta(days=366):
            raise forms.ValidationError(_("最多挂起一年。"))
        return until


class FixForm(EvidenceForm):
    """A photo of the repair, if there is one."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["photos"].label = says(self.hazard, "photos_after")


class RedoForm(EvidenceForm, ReasonForm):
    """What is not right yet."""

    field_order = ["reason", "photos", "note"]


class ReopenForm(EvidenceForm, ReasonForm):
    """What is still wrong, in the reporter's words or voice."""

    voice = VoiceField(label=_("语音"))
    field_order = ["reason", "photos", "voice", "note"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = says(self.hazard, "what_is_wrong")
        self.fields["reason"].error_messages["required"] = _("写一句或说一句是怎么回事。")

    def clean(self):
        # Said is said: whoever has gloves on need not write as well.
        if self.cleaned_data.get("voice") and not self.cleaned_data.get("reason"):
            self.cleaned_data["reason"] = str(_("说的在语音里。"))
        return super().clean()

    def arguments(self):
        """Photos and voice travel as attachments."""
        data = super().arguments()
        voice, photos = data.pop("voice"), data["attachments"].photos
        return data | {"attachments": Attachments(photos=photos, voices=[voice] if voice else [])}


class RateForm(MoveForm):
    """Once, in three words."""

    rating = forms.TypedChoiceField(
        choices=Rating.choices,
        coerce=int,
        label=_("满意吗"),
        widget=forms.RadioSelect,
        error_messages={"required": _("点一下满意、一般或不满意。")},
    )
    field_order = ["rating", "note"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["note"].label = _("想说的话（可不写）")


class MergeForm(MoveForm):
    """Into which case: one of the likely ones, or any by its number."""

    main = WordsField(
        max_length=60,
        label=_("并到哪一件（编号）"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": "YH20261123-0007"}),
        error_messages={"required": _("写上主案的编号。")},
    )
    field_order = ["main", "note"]

    def clean_main(self):
        """An open case of the subdistrict; a reporter chooses among the likely ones."""
        number = normalise_number(self.cleaned_data["main"])
        if REVIEWER in self.held:
            cases = Hazard.objects.open().filter(subdistrict_id=self.hazard.subdistrict_id)
            main = cases.exclude(pk=self.hazard.pk).filter(number=number).first()
        else:
            found = duplicates.find_duplicates(self.hazard, is_reviewer=False)
            main = next((case for case in found if case.number == number), None)
        if main is None:
            raise forms.ValidationError(_("没有这一件，或者它已经办完。"))
        return main


class UnitReasonForm(ReasonForm):
    """Why, in the unit's words; the centre and the reporter read it."""

    note = None

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = _("为什么（街道和上报人看得到）")
        self.fields["reason"].error_messages["required"] = _("写一句为什么。")


class RefuseForm(UnitReasonForm):
    """Why it is not theirs, and whose it is."""

    whose = WordsField(max_length=40, required=False, label=_("归谁管（知道就写）"))
    field_order = ["reason", "whose"]


class AskTimeForm(UnitReasonForm):
    """Until when, and why; a request."""

    until = forms.DateField(
        label=_("想延到哪天"),
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={
            "required": _("选一个日子。"),
            "invalid": _("日子写得不对，像 2026-12-01。"),
        },
    )
    field_order = ["until", "reason"]

    def clean_until(self):
        """After today, and within half a year."""
        until, today = self.cleaned_data["until"], timezone.localdate()
        if until <= today:
            raise forms.ValidationError(_("要选今天以后的日子。"))
        if until > today + timedelta(days=ASKED_DAYS_MAX):
            raise forms.ValidationError(_("最多延半年。"))
        return until


def has_followers(verb, hazard):
    """Whether others were merged into the case, where the form asks what becomes of them."""
    return "followers" in FORMS[verb].base_fields and hazard.merged.exists()


FORMS = {
    "accept": AcceptForm,
    "ask_info": AskInfoForm,
    "supply_info": SupplyInfoForm,
    "supplement": SupplementForm,
    "reject": RejectForm,
    "unreject": MoveForm,
    "escalate": MoveForm,
    "extend": ExtendForm,
    "suspend": SuspendForm,
    "resume": MoveForm,
    "return_case": ReasonForm,
    "secure": EvidenceForm,
    "redo": RedoForm,
    "reopen": ReopenForm,
    "rate": RateForm,
    "merge": MergeForm,
    "unmerge": MoveForm,
    "dispatch": DispatchForm,
    "fix": FixForm,
    "close": CloseForm,
    "withdraw": WithdrawForm,
    "end_unrepaired": EndUnrepairedForm,
    "reassign": ReassignForm,
    "recategorise": RecategoriseForm,
    "restandard": RestandardForm,
    "reprioritise": ReprioritiseForm,
    "split": SplitForm,
    "take": WordlessForm,
    "release": WordlessForm,
    "arrive": WordlessForm,
    "refuse": RefuseForm,
    "ask_time": AskTimeForm,
    "deny_time": ReasonForm,
}
