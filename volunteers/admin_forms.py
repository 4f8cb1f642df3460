"""Forms of the admin: an activity with its picture, a session, and what each verb asks."""

from dataclasses import dataclass

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from yuanhang.core.fields import PhotoField

from . import workflow
from .admin_people import NamesAPersonForm
from .models import Activity, Errand, Session, SignUp, Skill

State = Activity.State


class ActivityForm(forms.ModelForm):
    """An activity and, from a file, its picture."""

    cover = PhotoField(
        label=_("封面"),
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": "image/*"}),
        help_text=_("横着拍的照片最好。公开，别放看得清人脸的。"),
    )

    class Meta:
        model = Activity
        exclude = ("organiser",)  # noqa: DJ006 - the admin names the fields

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        old = getattr(self.instance, "cover", None) if self.instance.pk else None
        self.initial["cover"] = CoverName(old.activity) if old else None

    def clean_is_confidential(self):
        """Who signed up was promised that nobody else would know."""
        stays = self.cleaned_data["is_confidential"]
        was = self.instance.pk is not None and self.instance.is_confidential
        if was and not stays and SignUp.objects.filter(session__activity=self.instance).exists():
            words = _("有人是看着「保密」报的名，不能再公开。要公开的另建一个活动。")
            raise forms.ValidationError(words)
        return stays

    def clean(self):
        """The grid is one of the community's."""
        cleaned = super().clean()
        grid, community = cleaned.get("grid"), cleaned.get("community")
        if grid and community and grid.community_id != community.pk:
            self.add_error("grid", _("这个网格不在所选社区。"))
        if cleaned.get("course") and cleaned.get("is_confidential"):
            self.add_error("course", _("上了什么课会写进记录，保密的活动不选课程。"))
        return cleaned


class CoverName:
    """What the file field shows of the picture that is there."""

    def __init__(self, activity):
        self.url = reverse("volunteers:cover", args=[activity.pk, "full"])

    def __str__(self):
        return str(_("现在的封面"))


class SkillForm(forms.ModelForm):
    """A skill with what it presupposes; never itself, however long the way round."""

    needs = forms.ModelMultipleChoiceField(
        Skill.objects.all(),
        label=_("先要会"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("会了这些，才算会这一项。"),
    )

    class Meta:
        model = Skill
        fields = ("name", "text", "valid_days")
        help_texts = {"valid_days": _("空着就是长期有效。改了只管以后发的。")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            rows = self.fields["needs"].queryset.exclude(pk=self.instance.pk)
            self.fields["needs"].queryset = rows
            self.initial["needs"] = list(self.instance.requires.values_list("pk", flat=True))

    def clean_valid_days(self):
        """The constraint would say its name."""
        days = self.cleaned_data["valid_days"]
        if days == 0:
            raise forms.ValidationError(_("至少 1 天；长期有效就空着。"))
        return days

    def clean_needs(self):
        """The workflow looks again under its lock."""
        needs, own = list(self.cleaned_data["needs"]), self.instance.pk
        for one in needs:
            if own and workflow.reaches(one.pk, own):
                words = _("绕回来了：会「%(needed)s」要先会这一项。") % {"needed": one}
                raise forms.ValidationError(words)
        return needs


class SessionForm(NamesAPersonForm):
    """A session; a maximum below what is taken has to be meant."""

    person_field = "leader"
    understood = forms.BooleanField(
        label=_("知道了，就这样"),
        required=False,
        help_text=_("只有把最多人数降到已占以下时才要勾。"),
    )

    class Meta:
        model = Session
        fields = ("starts_at", "ends_at", "minimum", "maximum", "leader", "part")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "part" in self.fields:  # only a course has parts to tell apart
            self.fields["part"].required = False

    def clean_part(self):
        """Left empty: as it was."""
        return self.cleaned_data["part"] or self.instance.part

    def what_happens(self, taken):
        """What a maximum below the places taken means."""
        words = {"taken": taken, "most": self.cleaned_data["maximum"]}
        words["over"] = words["taken"] - words["most"]
        return (
            _(
                "已经占了 %(taken)d 个名额，降到 %(most)d 不会请走任何人；"
                "要等 %(over)d 个人自己退出，之后空出来的才给候补。"
            )
            % words
        )

    def clean(self):
        """Say first what will happen."""
        cleaned = super().clean()
        maximum, taken = cleaned.get("maximum"), self.instance.taken
        is_lowered = (
            maximum and self.instance.pk and maximum < taken and "maximum" in self.changed_data
        )
        if is_lowered and not cleaned.get("understood"):
            self.add_error("maximum", self.what_happens(taken))
        starts_at = cleaned.get("starts_at")
        reason = self.instance.pk and starts_at and self.instance.why_not_at(starts_at)
        if reason:
            self.add_error("starts_at", reason)
        return cleaned

    def save(self, commit=True):
        """A new row is stored; one that is there is left to the workflow."""
        return super().save(commit=commit and self.instance.pk is None)


class ErrandForm(NamesAPersonForm):
    """An errand, and who usually does it."""

    person_field = "preferred"

    class Meta:
        model = Errand
        exclude = ("made_by",)

    def clean_due_on(self):
        """Nobody is shown what is past its day: the errand would be done by nobody."""
        day = self.cleaned_data["due_on"]
        is_old = self.instance.pk is not None and day == self.instance.due_on
        if not is_old and day < timezone.localdate():
            raise forms.ValidationError(_("这一天已经过去了，没人会看到这件任务。"))
        return day


class NothingForm(forms.Form):
    """Only a yes."""


class ReasonForm(forms.Form):
    """Why it is called off."""

    reason = forms.CharField(
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
    """One verb as the admin offers it: in which states, what it asks, says and calls."""

    label: str
    states: tuple
    says: str
    done: str
    call: object
    form: type = NothingForm


ALIVE = (State.PUBLISHED, State.CLOSED)
ACTS = {
    "publish": Act(
        _("发布"), (State.DRAFT,), _("发布后大家能看到、能报名。"), _("发布了。"), workflow.publish
    ),
    "close": Act(
        _("截止报名"),
        (State.PUBLISHED,),
        _("不能再报新的；排着队的还会按顺序问到。"),
        _("报名截止了。"),
        workflow.close,
    ),
    "reopen": Act(
        _("重新开放报名"), (State.CLOSED,), _("又能报名了。"), _("重新开放了。"), workflow.reopen
    ),
    "finish": Act(_("结束"), ALIVE, _("所有场次都办完了。"), _("活动结束了。"), workflow.finish),
    "copy": Act(
        _("复制一份"),
        tuple(State),
        _("得到一份新的草稿，场次往后挪，不带报名的人。"),
        _("复制好了，改一改再发布。"),
        workflow.copy,
        DaysForm,
    ),
    "repeat": Act(
        _("按周重复"),
        (State.DRAFT, *ALIVE),
        _("把最后一周的场次照样加到后面几周。"),
        _("场次加好了。"),
        workflow.repeat_weekly,
        WeeksForm,
    ),
    "cancel": Act(
        _("取消活动"),
        (State.DRAFT, *ALIVE),
        _("报了名和排队的人都会收到这个原因，不能再恢复。"),
        _("取消了，报了名的人都收到了通知。"),
        workflow.cancel,
        ReasonForm,
    ),
}
