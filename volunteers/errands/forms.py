"""A word at the end of an errand."""

from django import forms
from django.utils.translation import gettext_lazy as _


class ErrandNoteForm(forms.Form):
    """`note`: what staff should know; nothing about illness, and nothing has to be said."""

    note = forms.CharField(
        required=False,
        max_length=200,
        error_messages={"max_length": _("最多 200 字，写短一点。")},
    )
