"""The list's filters, and a pledge."""

from django import forms
from django.utils.translation import gettext_lazy as _

from volunteers.activities import pledges
from volunteers.activities.models.activities import Activity
from yuanhang.core.form_layout import SubmitButton, YuanhangHelper


class ListForm(forms.Form):
    """Which sessions the list shows; nonsense means all."""

    kind = forms.ChoiceField(choices=Activity.Kind.choices, required=False)
    fits = forms.BooleanField(required=False)

    def chosen(self) -> tuple[str, bool]:
        """(kind or "", whether only what fits one's free hours)."""
        self.is_valid()
        return self.cleaned_data.get("kind", ""), self.cleaned_data.get("fits", False)


class PledgeForm(forms.Form):
    """How much somebody gives for an activity, in the unit it asks for; 0 takes it back."""

    quantity = forms.IntegerField(
        error_messages={"required": _("填一个数量。"), "invalid": _("填一个整数。")},
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )

    # The page writes the form tag: its address has the activity in it.
    helper = YuanhangHelper("quantity", SubmitButton(_("认捐"), "btn-quiet"), tag=False)

    def __init__(self, *args, activity: Activity, **kwargs):
        super().__init__(*args, **kwargs)
        self.activity, most = activity, pledges.most_for(activity)
        field = self.fields["quantity"]
        field.label = _("几%(unit)s（0 是不捐了）") % {"unit": activity.pledge_unit}
        field.widget.attrs |= {"min": 0, "max": most}

    def clean_quantity(self):
        """In words that know the target."""
        quantity = self.cleaned_data["quantity"]
        refusal = pledges.quantity_obstacle(self.activity, quantity)
        if refusal:
            raise forms.ValidationError(refusal)
        return quantity
