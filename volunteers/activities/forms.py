"""The list's filters, and a pledge."""

from django import forms
from django.utils.translation import gettext_lazy as _

from volunteers.activities.models.activities import Activity


class ListForm(forms.Form):
    """Which sessions the list shows; nonsense means all."""

    kind = forms.ChoiceField(choices=Activity.Kind.choices, required=False)
    fits = forms.BooleanField(required=False)

    def chosen(self):
        """(kind or "", whether only what fits one's free hours)."""
        self.is_valid()
        return self.cleaned_data.get("kind", ""), self.cleaned_data.get("fits", False)


class PledgeForm(forms.Form):
    """How much somebody gives; 0 takes it back."""

    quantity = forms.IntegerField(
        label=_("数量"),
        min_value=0,
        max_value=999,
        error_messages={
            "required": _("填一个数量。"),
            "invalid": _("填一个整数。"),
            "min_value": _("数量要在 0 到 999 之间。"),
            "max_value": _("数量要在 0 到 999 之间。"),
        },
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
