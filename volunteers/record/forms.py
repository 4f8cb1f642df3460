"""Hours by hand, words about a volunteer, certificates."""

from datetime import date

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from volunteers.record.models.service_records import Commendation
from volunteers.skills.models import Skill
from yuanhang.core.fields import PhotoField, WordsField

NEEDED = _("这一项要填。")


def _words(label, longest, **kwargs):
    return WordsField(
        label=label, max_length=longest, error_messages={"required": NEEDED}, **kwargs
    )


def _day(label, **kwargs):
    messages = {"required": NEEDED, "invalid": _("日期写成 2026-11-25 这样。")}
    widget = forms.DateInput(attrs={"type": "date", "class": "form-control"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, error_messages=messages, **kwargs)


class HoursForm(forms.Form):
    """补录: what was done, when, how long, and why it is typed by hand."""

    content = _words(_("做了什么"), 60)
    on = _day(_("哪一天"))
    minutes = forms.IntegerField(
        label=_("多少分钟"),
        min_value=-1440,
        max_value=1440,
        help_text=_("更正多记的，前面写减号。"),
        error_messages={
            "required": NEEDED,
            **dict.fromkeys(
                ("invalid", "min_value", "max_value"), _("分钟数要在 1 到 1440 之间。")
            ),
        },
    )
    reason = _words(_("为什么补录"), 200)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["minutes"].widget.attrs["class"] = "form-control"


class CommendForm(forms.Form):
    """表彰奖励 or 评价."""

    kind = forms.ChoiceField(
        label=_("类型"),
        choices=Commendation.Kind.choices,
        error_messages={"required": NEEDED, "invalid_choice": NEEDED},
    )
    text = _words(_("写一句"), 300, widget=forms.Textarea(attrs={"rows": 2}))


class QualificationForm(forms.Form):
    """A certificate from elsewhere, with its picture."""

    skill = forms.ModelChoiceField(
        Skill.objects.all(),
        label=_("技能"),
        empty_label=_("选一个"),
        error_messages={"required": NEEDED, "invalid_choice": NEEDED},
    )
    issuer = _words(_("发证单位"), 60)
    since = _day(_("从哪天"))
    until = _day(_("到哪天"), required=False, help_text=_("长期有效就空着。"))
    scan = PhotoField(
        label=_("证书照片"),
        error_messages=dict.fromkeys(
            ("required", "invalid", "missing", "empty"), _("拍一张证书的照片。")
        ),
    )


class RequestForm(forms.Form):
    """Which period: everything, or one year."""

    period = forms.RegexField(r"^(all|20\d\d)$", required=False)

    def span(self):
        """(start, end) as dates, or None where the ledger or today decides."""
        period = self.cleaned_data["period"] if self.is_valid() else ""
        if period in ("", "all"):
            return None, None
        return date(int(period), 1, 1), min(date(int(period), 12, 31), timezone.localdate())


class IssueForm(forms.Form):
    """What a certificate needs beside the ledger; filled in beforehand."""

    person_in_charge = _words(_("负责人"), 30)
    contact = _words(_("联系电话"), 20)
    remarks = _words(_("备注"), 100, required=False)


class ReasonForm(forms.Form):
    """One sentence why."""

    reason = _words(_("原因"), 200)


class AnswerForm(forms.Form):
    """属实 or 不认可, the latter with a reason."""

    answer = forms.ChoiceField(
        choices=[("yes", _("属实")), ("no", _("不认可"))],
        error_messages=dict.fromkeys(("required", "invalid_choice"), _("选属实还是不认可。")),
    )
    reason = _words(_("原因"), 200, required=False)
