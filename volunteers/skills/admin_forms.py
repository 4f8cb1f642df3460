"""Forms of the admin: an activity with its picture, a session, and what each verb asks."""

from django import forms
from django.utils.translation import gettext_lazy as _

from volunteers.skills import skills
from volunteers.skills.models import Skill


class SkillForm(forms.ModelForm):
    """A skill with what it presupposes; never itself, however long the way round."""

    needs = forms.ModelMultipleChoiceField(
        Skill.objects.all(),
        label=_("先要会"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("会了这些，才算会这一项。"),
    )

    class Meta:
        model = Skill
        fields = ("name", "text", "valid_days")
        help_texts = {"valid_days": _("空着就是长期有效。改了只管以后发的。")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            rows = self.fields["needs"].queryset.exclude(pk=self.instance.pk)
            self.fields["needs"].queryset = rows
            self.initial["needs"] = list(self.instance.requires.values_list("pk", flat=True))

    def clean_valid_days(self):
        """The constraint would say its name."""
        days = self.cleaned_data["valid_days"]
        if days == 0:
            raise forms.ValidationError(_("至少 1 天；长期有效就空着。"))
        return days

    def clean_needs(self):
        """The workflow looks again under its lock."""
        needs, own = list(self.cleaned_data["needs"]), self.instance.pk
        for one in needs:
            if own and skills.reaches(one.pk, own):
                words = _("绕回来了：会「%(needed)s」要先会这一项。") % {"needed": one}
                raise forms.ValidationError(words)
        return needs
