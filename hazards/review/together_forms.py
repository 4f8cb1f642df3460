"""What is asked once for several cases: a standard, the one they become, or the grid they go to."""

from django import forms
from django.utils.translation import gettext_lazy as _

from hazards.case_page.base_forms import NOTE_MAX, StandardCaseChoice
from hazards.case_page.correction_forms import ReassignForm
from hazards.catalogue.models import ReplyTemplate
from hazards.deadlines import deadlines
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.fields import WordsField
from yuanhang.core.form_layout import Fragment, YuanhangHelper


def picked_helper(*names):
    """The rows that were picked, each with its tick, and under them what is asked of all."""
    return YuanhangHelper(
        Fragment("hazards/review/_picked.html"),
        *names,
        Fragment("hazards/review/_together_button.html"),
        action="hazards:together",
        css_class="together-form",
    )


class TogetherForm(forms.Form):
    """One form for the cases `chosen`, which are of one subdistrict or are refused one by one."""

    def __init__(self, *args, chosen, **kwargs):
        self.chosen = chosen
        super().__init__(*args, label_suffix="", **kwargs)

    @property
    def helper(self):
        return picked_helper(*self.fields)


class AcceptTogetherForm(TogetherForm):
    """One standard for the things among them, and a word to all who reported."""

    standard_case = StandardCaseChoice(label=_("立案标准（都用这一条）"))
    phrase = forms.ChoiceField(
        required=False,
        label=_("常用的话"),
        error_messages={"invalid_choice": _("没有这句话，重新选。")},
    )
    note = WordsField(
        max_length=NOTE_MAX,
        required=False,
        label=_("说一句（每位上报人都看得到）"),
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        things = [case for case in self.chosen if deadlines.has_make_safe(case)]
        if things:
            field = self.fields["standard_case"]
            field.initial = field.fit(*things)
        else:
            del self.fields["standard_case"]
        said = ReplyTemplate.by_verb(self.chosen[0].category).get("accept", ())
        choices = [("", _("常用的话（选了就不用写）")), *((text, text) for text in said)]
        self.fields["phrase"].choices = choices

    def arguments(self, hazard):
        """Each keeps its urgency; what is about people or an agreement has no standard."""
        data = self.cleaned_data
        note = " ".join(filter(None, (data["phrase"], data["note"])))
        standard = data.get("standard_case") if deadlines.has_make_safe(hazard) else None
        return {"standard_case": standard, "urgency": hazard.urgency, "note": note}


class MergeTogetherForm(TogetherForm):
    """Which of them stays, and takes the others in."""

    main = forms.ChoiceField(
        label=_("都并到哪一件"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("选一件留下来。"),
            "invalid_choice": _("选一件留下来。"),
        },
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # The oldest one has the longest story.
        oldest_first = sorted(self.chosen, key=lambda case: case.pk)
        self.fields["main"].choices = [
            (case.number, f"{case.category} · {case.where}（{case.number}）")
            for case in oldest_first
        ]
        self.fields["main"].initial = oldest_first[0].number

    def main_case(self):
        """The case that stays."""
        return next(case for case in self.chosen if case.number == self.cleaned_data["main"])

    def arguments(self, hazard):
        """Only cases of one kind in one subdistrict can be one place."""
        main = self.main_case()
        if hazard.subdistrict_id != main.subdistrict_id:
            raise NotAllowedNowError(_("不在一个街道，不能并。"))
        return {"main": main}


class ReassignTogetherForm(ReassignForm):
    """Another grid for all of them, with one reason."""

    def __init__(self, *args, chosen, **kwargs):
        super().__init__(*args, hazard=chosen[0], **kwargs)

    @property
    def helper(self):
        return picked_helper(*self.fields)

    def arguments(self, hazard):
        """A case stays in its subdistrict."""
        given = super().arguments()
        if given["community"].subdistrict_id != hazard.subdistrict_id:
            raise NotAllowedNowError(_("不在这个街道，转不过去。"))
        return given


FORMS = {
    "accept": AcceptTogetherForm,
    "merge": MergeTogetherForm,
    "reassign": ReassignTogetherForm,
}
