"""A word at the end of an errand."""

from django import forms
from django.utils.translation import gettext_lazy as _

from yuanhang.core.fields import WordsField
from yuanhang.core.form_layout import SubmitButton, YuanhangHelper


class ErrandNoteForm(forms.Form):
    """`note`: what staff should know; nothing about illness, and nothing has to be said."""

    note = WordsField(
        label=_("说一句（可不写，不写病情）"),
        required=False,
        max_length=200,
        error_messages={"max_length": _("最多 %(limit)s 字，写短一点。")},
        widget=forms.TextInput({"autocomplete": "off"}),
    )

    # The page writes the form tag: its address has the errand in it.
    helper = YuanhangHelper("note", SubmitButton(_("办好了")), tag=False)
