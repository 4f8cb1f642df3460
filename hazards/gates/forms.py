"""What happened at the gate: which one, when, and what was said."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hazards.reporting.forms import parse_key
from yuanhang.core.fields import WordsField
from yuanhang.core.form_layout import SubmitButton, YuanhangHelper

SAID_MAX = 200
OTHER = "other"
WHENS = [
    ("now", gettext_lazy("刚才")),
    ("today", gettext_lazy("今天早些时候")),
    ("yesterday", gettext_lazy("昨天")),
    ("often", gettext_lazy("好几回了")),
]


class RefusalForm(forms.Form):
    """Three answers; nobody is asked who they are."""

    gate = forms.ChoiceField(
        label=gettext_lazy("哪个门"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("点一下是哪个门。")},
    )
    when = forms.ChoiceField(
        choices=WHENS, initial="now", label=gettext_lazy("什么时候"), widget=forms.RadioSelect
    )
    said = WordsField(
        max_length=SAID_MAX,
        label=gettext_lazy("说了什么"),
        widget=forms.Textarea(
            attrs={"rows": 3, "placeholder": gettext_lazy("如：只让业主的车进，叫我走进去")}
        ),
        error_messages={"required": gettext_lazy("写一句他们怎么说的，社区好去谈。")},
    )
    submission_key = forms.CharField(required=False, widget=forms.HiddenInput, max_length=64)

    helper = YuanhangHelper("gate", "when", "said", SubmitButton(gettext_lazy("告诉社区")))

    def __init__(self, *args: Any, gates: list[str], **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)
        names = [(name, name) for name in dict.fromkeys(gates)]
        self.fields["gate"].choices = [*names, (OTHER, gettext_lazy("别的门"))]

    def clean_submission_key(self):
        """A random UUID as our page makes them; anything else was made by hand."""
        key = parse_key(self.cleaned_data["submission_key"])
        if key is None:
            raise ValidationError(_("这个页面过期了，请再点一次发出。"), code="key")
        return key

    def refusal(self) -> dict[str, Any]:
        """The keyword arguments of `refusals.report`, but for who says it."""
        data = dict(self.cleaned_data)
        gate = "" if data["gate"] == OTHER else data["gate"]
        return data | {"gate": gate, "when": str(dict(WHENS)[data["when"]])}
