"""Entering a report for somebody who called, wrote or came to the desk (代录)."""

from django import forms
from django.utils.translation import gettext_lazy as _

from hazards.cases.models.hazards import DESCRIPTION_MAX
from hazards.reporting.forms import PlaceForm, ReportForm
from hazards.reporting.layouts import entry_helper, paste_helper
from yuanhang.core.accounts import PhoneField
from yuanhang.core.fields import WordsField
from yuanhang.core.models import User, normalise_any_phone


class PasteForm(forms.Form):
    """A message as it stands in the chat."""

    pasted = WordsField(
        max_length=DESCRIPTION_MAX,
        label=_("把聊天里的话贴进来"),
        widget=forms.Textarea(attrs={"rows": 3, "form": "entry"}),
        error_messages={"required": _("先把那句话贴进来。")},
        help_text=_("能认出来的电话、地标、坐标和类别会自动填到下面。"),
    )

    @property
    def helper(self):
        return paste_helper()


class AnyPhoneField(PhoneField):
    """A mobile number, or a landline as whoever rang from a shop or a duty room has it."""

    read = staticmethod(normalise_any_phone)


class EntryForm(ReportForm):
    """The report form without what only a phone in the street has."""

    field_order = [
        "category",
        "description",
        "place",
        "grid",
        "contact_name",
        "contact_phone",
        "shares_contact",
        "photos",
        "voice",
    ]

    grid = PlaceForm.base_fields["grid"]
    contact_phone = AnyPhoneField(required=False, autocomplete="off")
    symptom = None  # for who has gloves on; staff choose the standard itself

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # The staff read these, not whoever reported.
        self.fields["description"].label = _("写一句")
        self.fields["place"].label = _("在哪里")
        self.fields["place"].help_text = ""  # here nothing is located
        self.fields["place"].widget.attrs.pop("placeholder")
        self.fields["category"].empty_label = _("没说是什么，先记成其他")
        self.fields["contact_name"].label = _("上报人怎么称呼")
        self.fields["contact_phone"].label = _("上报人电话")

    @property
    def helper(self):
        return entry_helper(self.field_order)

    def reporter(self):
        """The account of the phone, so that its owner follows the case; None for nobody's."""
        phone = self.cleaned_data["contact_phone"]
        return User.objects.filter(phone=phone, is_active=True).first() if phone else None
