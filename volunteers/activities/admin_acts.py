"""What each verb of an activity asks in the admin."""

from dataclasses import dataclass

from django import forms
from django.utils.translation import gettext_lazy as _

from volunteers.activities import activities, activity_sessions
from volunteers.activities.transitions import ACTIVITIES
from yuanhang.core.fields import WordsField


class NothingForm(forms.Form):
    """Only a yes."""


class ReasonForm(forms.Form):
    """Why it is called off."""

    reason = WordsField(
        label=_("为什么取消"), max_length=200, widget=forms.Textarea(attrs={"rows": 2})
    )


class DaysForm(forms.Form):
    """How much later the copy is."""

    days = forms.IntegerField(
        label=_("晚几天"), min_value=0, max_value=400, initial=7, help_text=_("7 是下周同一天。")
    )


class WeeksForm(forms.Form):
    """How often it repeats."""

    weeks = forms.IntegerField(label=_("再办几周"), min_value=1, max_value=12, initial=4)


@dataclass(frozen=True)
class Act:
    """One verb of the table as the admin offers it: what it asks, says and calls."""

    label: str
    says: str
    done: str
    call: object
    form: type = NothingForm


ACTS = {
    "publish": Act(
        _("发布"),
        _("发布后大家能看到、能报名。"),
        _("发布了。"),
        activities.publish,
    ),
    "close": Act(
        _("截止报名"),
        _("不能再报新的；排着队的还会按顺序问到。"),
        _("报名截止了。"),
        activities.close,
    ),
    "reopen": Act(_("重新开放报名"), _("又能报名了。"), _("重新开放了。"), activities.reopen),
    "finish": Act(_("结束"), _("所有场次都办完了。"), _("活动结束了。"), activities.finish),
    "copy": Act(
        _("复制一份"),
        _("得到一份新的草稿，场次往后挪，不带报名的人。"),
        _("复制好了，改一改再发布。"),
        activities.copy,
        DaysForm,
    ),
    "repeat_weekly": Act(
        _("按周重复"),
        _("把最后一周的场次照样加到后面几周。"),
        _("场次加好了。"),
        activity_sessions.repeat_weekly,
        WeeksForm,
    ),
    "cancel": Act(
        _("取消活动"),
        _("报了名和排队的人都会收到这个原因，不能再恢复。"),
        _("取消了，报了名的人都收到了通知。"),
        activities.cancel,
        ReasonForm,
    ),
}


def acts_for(state: str) -> list[tuple[str, Act]]:
    """(slug, act) of the verbs that the table allows in a state, in its order."""
    leading = ACTIVITIES.leading_from(state)
    return [(one.slug, ACTS[one.verb]) for one in leading if one.verb in ACTS]
