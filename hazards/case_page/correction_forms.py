"""Forms of the moves that put something right: ending openly, corrections, splitting."""

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from hazards.case_page.base_forms import NOTE_MAX, MoveForm, ReasonForm, StandardCaseChoice
from hazards.cases.endings import NUMBER_MAX, PARTY_MAX, sentence_of
from hazards.cases.models.attachments import HazardPhoto
from hazards.cases.models.hazards import DESCRIPTION_MAX
from hazards.catalogue.models import (
    Category,
    EndReason,
    Urgency,
    kept_categories,
    kept_end_reasons,
)
from hazards.deadlines import deadlines
from stations.areas.kept_places import communities_of
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.fields import KeptRowField, WordsField
from yuanhang.core.versions import VersionedAnswerMixin


class WordlessForm(MoveForm):
    """A move that says nothing to anybody."""

    note = None


class EndUnrepairedForm(MoveForm):
    """Why it ends as it is, and what that reason needs beside it."""

    end_reason = KeptRowField(
        EndReason.objects.all(),
        label=_("为什么"),
        empty_label=None,
        widget=forms.RadioSelect,
        error_messages={"required": _("选一个原因。"), "invalid_choice": _("没有这个原因。")},
    )
    party = WordsField(max_length=PARTY_MAX, required=False, label=_("转给谁（转交时写）"))
    outside_number = WordsField(
        max_length=NUMBER_MAX, required=False, label=_("转交的单号（有就写）")
    )
    until = forms.DateField(
        required=False,
        label=_("到哪天（列入计划时选）"),
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"invalid": _("日子写得不对，像 2026-12-01。")},
    )
    field_order = ["end_reason", "party", "outside_number", "until", "note"]
    asked_in = {
        EndReason.Asks.PARTY: "party",
        EndReason.Asks.DAY: "until",
        EndReason.Asks.WORDS: "note",
    }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        kind = self.hazard.category.kind
        fitting = [reason for reason in kept_end_reasons() if reason.kind in ("", kind)]
        self.fields["end_reason"].offer(fitting)

    def clean(self):
        # The verb's own rule, told beside the field that lacks something.
        data = super().clean()
        reason = data.get("end_reason")
        if reason and not self.errors:
            given = (data["party"], data["outside_number"], data["until"], data["note"])
            try:
                sentence_of(reason, *given)
            except NotAllowedNowError as refused:
                self.add_error(self.asked_in.get(reason.asks), refused.message)
        return data


class CorrectionForm(VersionedAnswerMixin, ReasonForm):
    """A correction: what is right, and why; refused where another was faster."""

    note = None

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = _("为什么（上报人看得到）")
        self.is_accepted = self.hazard.accepted_at is not None
        self.remember_version()

    def stored(self):
        """What it corrects, as it is by now."""
        case = self.hazard
        place = f"grid-{case.grid_id}" if case.grid_id else f"community-{case.community_id}"
        known = {
            "place": place,
            "category": case.category_id,
            "standard_case": case.standard_case_id,
            "urgency": case.urgency,
        }
        return {name: known[name] for name in known if name in self.base_fields}


class ReassignForm(CorrectionForm):
    """Another grid of the subdistrict, or a community outside its grids."""

    place = forms.ChoiceField(
        label=_("转到"),
        error_messages={"required": _("选一个网格。"), "invalid_choice": _("没有这个网格。")},
    )
    field_order = ["place", "reason"]
    rule = _("期限不变：答应上报人的时间照旧。")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.places, choices = {}, [("", _("请选择"))]
        for community in communities_of(self.hazard.subdistrict_id):
            rows = {f"grid-{grid.pk}": (community, grid) for grid in community.grids.all()}
            rows[f"community-{community.pk}"] = (community, None)
            self.places |= rows
            named = [(key, str(grid or _("网格外"))) for key, (_c, grid) in rows.items()]
            choices.append((str(community), named))
        self.fields["place"].choices = choices

    def arguments(self):
        """The verb takes the community and, within it, the grid."""
        community, grid = self.places[self.cleaned_data["place"]]
        return {"community": community, "grid": grid, "reason": self.cleaned_data["reason"]}


class RecategoriseForm(CorrectionForm):
    """Another category; for a thing that was taken on, its standard as well."""

    category = KeptRowField(
        Category.objects.all(),
        label=_("改成"),
        empty_label=_("请选择"),
        error_messages={"required": _("选一个类别。"), "invalid_choice": _("没有这个类别。")},
    )
    standard_case = StandardCaseChoice(
        required=False, label=_("立案标准（不选就不变）"), empty_label=_("不变")
    )
    field_order = ["category", "standard_case", "reason"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        others = [one for one in kept_categories() if one.pk != self.hazard.category_id]
        self.fields["category"].offer(others)
        if self.is_accepted:
            self.fields["standard_case"].fit(self.hazard)
            if not deadlines.has_make_safe(self.hazard):
                self.fields["standard_case"].label = _("标准（改成物的类别才选）")
            self.rule = _("期限从受理那一刻重新算，停过的时间不算。")
        else:
            del self.fields["standard_case"]
            self.rule = _("紧急程度跟着新类别走，受理期限从上报那一刻重新算。")


class RestandardForm(CorrectionForm):
    """Another standard."""

    standard_case = StandardCaseChoice()
    field_order = ["standard_case", "reason"]
    rule = _("修复期限从受理那一刻按新标准算，停过的时间不算，延过的期照样加上。")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["standard_case"].fit(self.hazard)


class ReprioritiseForm(CorrectionForm):
    """Another urgency."""

    urgency = forms.TypedChoiceField(
        choices=Urgency.choices,
        coerce=int,
        label=_("紧急程度"),
        widget=forms.RadioSelect,
        error_messages={"required": _("选一个紧急程度。")},
    )
    field_order = ["urgency", "reason"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["urgency"].initial = self.hazard.urgency
        if not self.is_accepted:
            self.rule = _("受理期限从上报那一刻按新的紧急程度算。")
        elif deadlines.has_make_safe(self.hazard):
            self.rule = _("围护期限从受理那一刻按新的紧急程度算，修复期限不变。")
        else:
            self.rule = _("期限从受理那一刻按新的紧急程度算，停过的时间不算。")


class PhotoChoice(forms.ModelMultipleChoiceField):
    """Pictures of a case, each shown beside its box."""

    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, photo):
        # The page's own address leads to the picture.
        return format_html(
            '<img class="thumb" src="{}photos/{}/thumb/" alt="" width="60" height="60">',
            photo.hazard.get_absolute_url(),
            photo.pk,
        )


class SplitForm(MoveForm):
    """What the report also tells of."""

    category = KeptRowField(
        Category.objects.all(),
        label=_("另一件是什么"),
        empty_label=_("请选择"),
        error_messages={"required": _("选一个类别。"), "invalid_choice": _("没有这个类别。")},
    )
    description = WordsField(
        max_length=DESCRIPTION_MAX,
        label=_("什么情况"),
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("写一句另一件是什么情况。")},
    )
    photos = PhotoChoice(HazardPhoto.objects.none(), required=False, label=_("哪几张照片也给它"))
    note = WordsField(max_length=NOTE_MAX, required=False, label=_("说一句（上报人看得到）"))
    field_order = ["category", "description", "photos", "note"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["category"].offer(kept_categories())
        pictures = HazardPhoto.objects.filter(hazard=self.hazard, is_repair=False)
        self.fields["photos"].queryset = pictures.select_related("hazard").order_by("id")
