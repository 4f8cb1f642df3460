"""The form in which whoever listens to a voice note writes down what it says."""

from django import forms
from django.utils.translation import gettext_lazy as _

from hazards.cases.models.attachments import GIST_MAX, HazardVoice
from yuanhang.core.fields import WordsField
from yuanhang.core.form_layout import SubmitButton, YuanhangHelper


class GistForm(forms.Form):
    """One line, and what the page showed before."""

    gist = WordsField(
        max_length=GIST_MAX,
        label=_("这段语音说的什么"),
        error_messages={"required": _("写一句这段话说的什么。")},
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "placeholder": _("一句话，最多 60 个字")}
        ),
    )
    before = WordsField(max_length=GIST_MAX, required=False, widget=forms.HiddenInput)
    # Where to go afterwards: the page that the note was heard on.
    next = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, action, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.action = action

    @property
    def helper(self):
        button = SubmitButton(_("记下"), css_class="btn-quiet")
        helper = YuanhangHelper("gist", button, action=self.action, css_class="gist-form move-form")
        helper.form_show_labels = False
        return helper

    def has_seen(self, voice: HazardVoice) -> None:
        """The page that shows this form again says what the note says by now."""
        self.data = self.data.copy()
        self.data["before"] = voice.gist

    def clean_gist(self):
        """One line, however it was pasted."""
        return " ".join(self.cleaned_data["gist"].split())

    def given(self):
        """What the verb takes: the line, and what the page showed."""
        return {name: self.cleaned_data[name] for name in ("gist", "before")}


def gist_form(voice: HazardVoice, action: str, back: str) -> GistForm:
    """The form beside a note's player: sent to `action`, and `back` afterwards."""
    initial = {"gist": voice.gist, "before": voice.gist, "next": back}
    # A page may have several notes, and an id only once.
    return GistForm(action=action, initial=initial, auto_id=f"gist-{voice.pk}-%s")
