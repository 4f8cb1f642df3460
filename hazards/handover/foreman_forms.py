"""What the foreman fills in: the code, and a form for each deed."""

from django import forms
from django.utils.translation import gettext_lazy as _

from hazards.case_page.base_forms import MoveForm
from hazards.case_page.move_forms import FORMS
from hazards.slips import slips
from hazards.slips.keys import CODE_DIGITS
from yuanhang.core.fields import WordsField
from yuanhang.core.form_layout import SubmitButton, YuanhangHelper
from yuanhang.core.text import only_digits


class CodeForm(forms.Form):
    """The six digits that the officer said on the telephone."""

    code = WordsField(
        label=_("6 位口令"),
        max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"required": _("写上电话里听到的 6 位数字。")},
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)

    @property
    def helper(self):
        return YuanhangHelper("code", SubmitButton(_("打开")))

    def clean_code(self):
        """Six digits, however they are spaced."""
        code = only_digits(self.cleaned_data["code"])
        if len(code) != CODE_DIGITS or not code.isdecimal():
            raise forms.ValidationError(_("口令是 6 位数字。"))
        return code


DEED_FORMS: dict[str, type[MoveForm]] = {verb: FORMS[verb] for verb in slips.DEEDS}
