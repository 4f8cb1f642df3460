"""One form per verb. Each knows which fields it asks for; the verb judges the move."""

from datetime import timedelta

from django import forms
from django.db.models import Case, IntegerField, Value, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hazards.cases import duplicates
from hazards.cases.attachments import Attachments
from hazards.cases.case_numbers import normalise_number
from hazards.cases.models.hazards import Hazard, Rating
from hazards.cases.transitions import REVIEWER
from hazards.catalogue.models import StandardCase, Urgency
from stations.postings.models import Organisation
from yuanhang.core.fields import PhotosField, VoiceField, WordsField
from yuanhang.core.form_layout import PhotoTiles, Tiles, VoiceTile, YuanhangHelper

NOTE_MAX = 500


class MoveForm(forms.Form):
    """A move that asks for nothing but an optional word to the reporter."""

    note = WordsField(
        max_length=NOTE_MAX,
        required=False,
        label=_("说一句（上报人看得到）"),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    button = ""

    # Which field a chosen sentence stands for.
    spoken_field = "note"

    def __init__(self, *args, hazard, held=frozenset(), phrases=(), **kwargs):
        self.hazard, self.held = hazard, held
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
        parts = {
            "photos": Tiles(PhotoTiles("photos")),
            "voice": Tiles(VoiceTile("voice")),
        }
        return YuanhangHelper(*(parts.get(name, name) for name in self.fields), tag=False)

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


class AskInfoForm(ReasonForm):
    """What is missing."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = _("请上报人补充什么")


class StandardCaseChoice(forms.ModelChoiceField):
    """Standard cases with their limit; those of the case's category come first."""

    def label_from_instance(self, case):
        # 「部件 0102 污水井盖：缺失、移位、开裂 · 2 紧急工作时」.
        return f"{case} · {case.limit_words}"


class AcceptForm(MoveForm):
    standard_case = StandardCaseChoice(
        StandardCase.objects.none(),
        label=_("立案标准"),
        empty_label=_("请选择"),
        error_messages={"required": _("选一条立案标准。"), "invalid_choice": _("没有这条标准。")},
    )
    urgency = forms.TypedChoiceField(
        choices=Urgency.choices, coerce=int, label=_("紧急程度"), widget=forms.RadioSelect
    )
    field_order = ["standard_case", "urgency", "note"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        fitting = StandardCase.categories.through.objects.filter(
            category_id=self.hazard.category_id
        ).values("standardcase_id")
        self.fields["standard_case"].queryset = (
            StandardCase.objects.filter(is_active=True)
            .annotate(
                rank=Case(
                    When(pk__in=fitting, then=Value(0)),
                    default=Value(1),
                    output_field=IntegerField(),
                )
            )
            .order_by("rank", "kind", "code", "variant")
        )
        self.fields["urgency"].initial = self.hazard.urgency


class DispatchForm(MoveForm):
    """To whom, and the number it has there."""

    organisation = forms.ModelChoiceField(
        Organisation.objects.none(),
        label=_("责任单位"),
        empty_label=_("请选择"),
        error_messages={"required": _("选一个责任单位。"), "invalid_choice": _("没有这个单位。")},
    )
    outside_number = WordsField(max_length=40, required=False, label=_("对方单号"))
    field_order = ["organisation", "outside_number", "note"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = Organisation.objects.filter(
            subdistrict_id=self.hazard.subdistrict_id,
            kind=Organisation.Kind.RESPONSIBLE,
            is_active=True,
        )


class CloseForm(MoveForm):
    """The closing condition was seen to be met."""

    condition_met = forms.BooleanField(
        label=_("结案条件已达到"),
        error_messages={"required": _("先确认结案条件已经达到，再办结。")},
    )
    field_order = ["condition_met", "note"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.hazard.standard_case:
            self.fields["condition_met"].label = _("结案条件已达到：%(condition)s") % {
                "condition": self.hazard.standard_case.close_condition
            }


class SupplyInfoForm(MoveForm):
    """The reporter's answer in words, pictures or voice."""

    photos = PhotosField(label=_("照片"))
    voice = VoiceField(label=_("语音"))
    field_order = ["note", "photos", "voice"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["note"].label = _("写一句")

    def arguments(self):
        """Photos and voice travel as attachments."""
        voice = self.cleaned_data["voice"]
        return {
            "note": self.cleaned_data["note"],
            "attachments": Attachments(
                photos=self.cleaned_data["photos"], voices=[voice] if voice else []
            ),
        }


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


class EvidenceForm(MoveForm):
    """A photo, if there is one."""

    photos = PhotosField(label=_("照片（可不拍）"))
    field_order = ["photos", "note"]

    def arguments(self):
        """Photos travel as attachments."""
        data = dict(self.cleaned_data)
        return {"attachments": Attachments(photos=data.pop("photos")), **data}


class FixForm(EvidenceForm):
    """A photo of the repair, if there is one."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["photos"].label = _("修好后的照片（可不拍）")


class RedoForm(EvidenceForm, ReasonForm):
    """What is not right yet."""

    field_order = ["reason", "photos", "note"]


class ReopenForm(EvidenceForm, ReasonForm):
    """What is still wrong, in the reporter's words."""

    field_order = ["reason", "photos", "note"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = _("哪里还没好")
        self.fields["reason"].error_messages["required"] = _("写一句哪里还没好。")


class RateForm(MoveForm):
    """Once, in three words."""

    rating = forms.TypedChoiceField(
        choices=Rating.choices,
        coerce=int,
        label=_("满意吗"),
        widget=forms.RadioSelect,
        initial=Rating.GOOD,
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


FORMS = {
    "accept": AcceptForm,
    "ask_info": AskInfoForm,
    "supply_info": SupplyInfoForm,
    "reject": ReasonForm,
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
}
