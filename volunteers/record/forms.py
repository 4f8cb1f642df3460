"""Hours by hand, words about a volunteer, certificates."""

from collections.abc import Iterable
from datetime import date

from crispy_forms.layout import Div
from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stations.areas.models import Community
from volunteers.record.models.service_records import Commendation
from volunteers.skills.models import Skill
from yuanhang.core.fields import QueryField, WordsField
from yuanhang.core.form_layout import SubmitButton, YuanhangHelper
from yuanhang.core.uploads.fields import PhotoField

NEEDED = _("这一项要填。")
DAY_MINUTES = 24 * 60
UNREMEMBERED = {"autocomplete": "off"}  # what is written about one person fits no other


def _words(label, longest, **kwargs):
    return WordsField(
        label=label, max_length=longest, error_messages={"required": NEEDED}, **kwargs
    )


def _day(label, **kwargs):
    messages = {"required": NEEDED, "invalid": _("日期写成 2026-11-25 这样。")}
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, error_messages=messages, **kwargs)


def _helper(*layout):
    """The page writes the form tag: its address has the person, or the row, in it."""
    return YuanhangHelper(*layout, tag=False)


def _button(label):
    return SubmitButton(label, "btn-primary btn-block")


class HoursForm(forms.Form):
    """补录 (entry by hand): what was done, when, how long, and why it is typed by hand."""

    content = _words(_("做了什么"), 60)
    on = _day(_("哪一天"))
    minutes = forms.IntegerField(
        label=_("多少分钟"),
        min_value=-DAY_MINUTES,
        max_value=DAY_MINUTES,
        help_text=_("更正多记的，前面写减号。"),
        error_messages={
            "required": NEEDED,
            **dict.fromkeys(
                ("invalid", "min_value", "max_value"), _("分钟数要在 1 到 1440 之间。")
            ),
        },
    )
    reason = _words(_("为什么补录"), 200)

    helper = _helper("content", "on", "minutes", "reason", _button(_("补录")))


class CommendForm(forms.Form):
    """表彰奖励 (award) or 评价 (evaluation)."""

    kind = forms.ChoiceField(
        label=_("类型"),
        choices=Commendation.Kind.choices,
        error_messages={"required": NEEDED, "invalid_choice": NEEDED},
    )
    text = _words(_("写一句"), 300, widget=forms.Textarea(attrs={"rows": 2}))

    helper = _helper("kind", "text", _button(_("写上")))


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

    helper = _helper("skill", "issuer", "since", "until", "scan", _button(_("登记")))


class RequestForm(forms.Form):
    """A certificate for a period, everything or one year, of one of the person's communities.

    `years` and `communities` are what may be chosen. Nonsense in `period` means everything.
    """

    period = forms.RegexField(
        r"^(all|20\d\d)$", label=_("哪段时间"), required=False, widget=forms.Select
    )
    community = forms.CharField(label=_("哪个社区开"), required=False, widget=forms.Select)

    helper = _helper(
        Div("period", "community", SubmitButton(_("申请证明"), "btn-primary"), css_class="ask")
    )

    def __init__(self, data=None, *, years: Iterable[int] = (), communities: Iterable[Community]):
        super().__init__(data)
        self.communities = {str(community.pk): community for community in communities}
        self.fields["period"].widget.choices = [
            ("all", _("从第一次到今天")),
            *((year, _("%(year)s 年") % {"year": year}) for year in years),
        ]
        field = self.fields["community"]
        if len(self.communities) == 1:
            field.initial = next(iter(self.communities))
            field.widget = forms.HiddenInput()
        else:
            field.widget.choices = list(self.communities.items())

    def chosen_community(self) -> Community | None:
        """The community asked, or None when it is none of those that may be chosen."""
        return self.communities.get(self.data.get("community", ""))

    def span(self) -> tuple[date | None, date | None]:
        """(start, end); None where the ledger or today decides."""
        period = self.cleaned_data["period"] if self.is_valid() else ""
        if period in ("", "all"):
            return None, None
        return date(int(period), 1, 1), min(date(int(period), 12, 31), timezone.localdate())


class IssueForm(forms.Form):
    """What a certificate needs beside the ledger; filled in beforehand."""

    person_in_charge = _words(_("负责人"), 30, widget=forms.TextInput(UNREMEMBERED))
    contact = _words(_("联系电话"), 20, widget=forms.TelInput(UNREMEMBERED))
    remarks = _words(_("备注（可空）"), 100, required=False, widget=forms.TextInput(UNREMEMBERED))

    helper = _helper(Div("person_in_charge", "contact", "remarks", css_class="desk-fields"))


class ReasonForm(forms.Form):
    """One sentence why, which the person concerned reads."""

    reason = _words(_("原因，本人会看到"), 200, widget=forms.TextInput(UNREMEMBERED))

    helper = _helper("reason")


class AnswerForm(ReasonForm):
    """属实 (true) or 不认可 (refused), the latter with a reason; the buttons say which."""

    answer = forms.ChoiceField(
        choices=[("yes", _("属实")), ("no", _("不认可"))],
        error_messages=dict.fromkeys(("required", "invalid_choice"), _("选属实还是不认可。")),
    )
    reason = _words(
        _("原因，本人会看到"), 200, required=False, widget=forms.TextInput(UNREMEMBERED)
    )


class CheckForm(forms.Form):
    """The check code of a certificate on paper."""

    code = QueryField(
        label=_("校验码"),
        query_max=40,
        widget=forms.TextInput(
            UNREMEMBERED | {"autocapitalize": "characters", "placeholder": _("纸上编号下面，8 位")}
        ),
    )

    helper = _helper("code", SubmitButton(_("查")))
