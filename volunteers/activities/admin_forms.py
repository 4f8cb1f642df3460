"""Forms of the admin: an activity with its picture, a session, and what each verb asks."""

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from volunteers.activities import moves
from volunteers.activities.models.activities import Activity
from volunteers.activities.models.sessions import ActivitySession
from volunteers.activities.models.signups import SignUp
from volunteers.teams.people_choices import NamesAPersonForm
from yuanhang.core.uploads.fields import ClearablePhotoInput, PhotoField
from yuanhang.core.words import spoken

State = Activity.State


class ActivityForm(forms.ModelForm):
    """An activity and, from a file, its picture."""

    banner = PhotoField(
        label=_("封面"),
        required=False,
        widget=ClearablePhotoInput(attrs={"accept": "image/*"}),
        help_text=_("横着拍的照片最好。公开，别放看得清人脸的。"),
    )

    class Meta:
        model = Activity
        exclude = ("organiser",)  # noqa: DJ006 - the admin names the fields

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        old = getattr(self.instance, "banner", None) if self.instance.pk else None
        self.initial["banner"] = BannerName(old.activity) if old else None

    def clean_is_confidential(self):
        """Who signed up was promised that nobody else would know."""
        stays = self.cleaned_data["is_confidential"]
        was = self.instance.pk is not None and self.instance.is_confidential
        if was and not stays and SignUp.objects.filter(session__activity=self.instance).exists():
            words = _("有人是看着「保密」报的名，不能再公开。要公开的另建一个活动。")
            raise forms.ValidationError(words)
        return stays

    def clean(self):
        # The grid is one of the community's.
        cleaned = super().clean()
        grid, community = cleaned.get("grid"), cleaned.get("community")
        if grid and community and grid.community_id != community.pk:
            self.add_error("grid", _("这个网格不在所选社区。"))
        opens_at = cleaned.get("opens_at")
        if self.instance.pk and "opens_at" in self.changed_data and opens_at:
            coming = self.instance.sessions.coming()
            if coming.exists() and not coming.filter(starts_at__gt=opens_at).exists():
                self.add_error("opens_at", _("比所有场次都晚，谁都报不上。"))
        if cleaned.get("course") and cleaned.get("is_confidential"):
            self.add_error("course", _("上了什么课会写进记录，保密的活动不选课程。"))
        return cleaned


class BannerName:
    """What the file field shows of the picture that is there."""

    def __init__(self, activity):
        self.url = reverse("volunteers:banner", args=[activity.pk, "full"])

    def __str__(self):
        return str(_("现在的封面"))


def what_is_missing(activity):
    """What staff would hardly have meant to leave out, in words; saved all the same."""
    if activity.kind != Activity.Kind.TRAINING or activity.course_id or activity.is_confidential:
        return []
    words = _("这个培训没有选课程：上完不记技能，快到期的人也不会被领到这里来。有课程就选上。")
    return [words]


def what_stays(session, starts_before):
    """What a session that was moved does not take along, in words for whoever moved it."""
    if session.starts_at == starts_before:
        return []
    words, closes_at = [], session.activity.closes_at
    if closes_at:
        when = {"when": spoken(closes_at)}
        words.append(_("「报名截止」没有跟着改，还是 %(when)s。不对的话到活动里改。") % when)
    number = moves.same_hour_later(session, starts_before)
    if number:
        words.append(_("后面 %(n)d 周同一时间的场次没有跟着改。") % {"n": number})
    return words


class SessionForm(NamesAPersonForm):
    """A session; a maximum below what is taken has to be meant."""

    person_field = "leader"
    understood = forms.BooleanField(
        label=_("知道了，就这样"),
        required=False,
        help_text=_("只有把最多人数降到已占以下时才要勾。"),
    )

    class Meta:
        model = ActivitySession
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
        cleaned = super().clean()
        maximum, taken = cleaned.get("maximum"), self.instance.taken
        is_lowered = (
            maximum and self.instance.pk and maximum < taken and "maximum" in self.changed_data
        )
        if is_lowered and not cleaned.get("understood"):
            self.add_error("maximum", self.what_happens(taken))
        starts_at = cleaned.get("starts_at")
        reason = self.instance.pk and starts_at and self.instance.edit_obstacle(starts_at)
        if reason:
            self.add_error("starts_at", reason)
        return cleaned

    def save(self, commit=True):
        # A new row is stored; one that is there is left to the verb `edit`.
        return super().save(commit=commit and self.instance.pk is None)
