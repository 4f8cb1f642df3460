"""What is asked, answered and agreed to; text only, no files."""

from django import forms
from django.utils.translation import gettext_lazy as _

from stations.postings.models import Organisation
from workers.aid.models import TEXT_MAX
from yuanhang.core.fields import WordsField
from yuanhang.core.form_layout import SubmitButton, YuanhangHelper

WRITE = {"required": _("写几句。")}


class AidForm(forms.Form):
    """The request, and the consent without which nothing is kept."""

    text = WordsField(
        label=_("遇到了什么难处"),
        max_length=TEXT_MAX,
        widget=forms.Textarea(attrs={"rows": 6, "autocomplete": "off"}),
        error_messages=WRITE,
    )
    reach = WordsField(
        label=_("怎么找你方便（可不写）"),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    agrees = forms.BooleanField(
        label=_("这些可能是敏感的个人信息，我同意交给这一位负责人处理"),
        error_messages={"required": _("要勾上同意，才能交给负责人。")},
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)

    @property
    def helper(self):
        return YuanhangHelper("text", "reach", "agrees", SubmitButton(_("交给负责人")))


class LineForm(forms.Form):
    """One more line; the page says to whom."""

    text = WordsField(
        label=_("写一句"),
        max_length=TEXT_MAX,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
        error_messages=WRITE,
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)

    @property
    def helper(self):
        return YuanhangHelper(*self.fields, tag=False)


class EndForm(LineForm):
    """The end, with a last line if there is one."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["text"].required = False
        self.fields["text"].label = _("最后说一句（可不写）")


class ReferForm(LineForm):
    """To whom, and why; the asker is asked first."""

    organisation = forms.ModelChoiceField(
        Organisation.objects.none(),
        label=_("转给哪个共建单位"),
        empty_label=_("请选择"),
        error_messages={"required": _("选一个单位。"), "invalid_choice": _("没有这个单位。")},
    )
    field_order = ["organisation", "text"]

    def __init__(self, *args, community, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = Organisation.objects.filter(
            kind=Organisation.Kind.PARTNER,
            subdistrict=community.subdistrict_id,
            is_active=True,
        ).order_by("name")
        self.fields["text"].label = _("请他们帮什么（提出的人看得到）")
