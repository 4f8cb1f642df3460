"""Activities of every kind, and their sessions."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stations.areas.models import Community, Grid
from stations.postings.access import scope_of
from stations.postings.models import Organisation
from volunteers.skills.models import Course, Skill
from volunteers.teams.models import Membership, Team
from yuanhang.core.infix import infix_index
from yuanhang.core.models import Located, Photo, Timestamped

# States of a sign-up that is neither cancelled nor lapsed.
SIGNED_UP = ("pairing", "waiting", "offered", "confirmed")
SEALS = {"volunteering": "志", "training": "训", "care": "护", "exchange": "议"}


class ActivityQuerySet(models.QuerySet):
    def managed_by(self, user):
        """Those a member of staff runs: their communities'; confidential ones the organiser's.

        Whose post there ended organises nothing any more.
        """
        if not user.is_authenticated:
            return self.none()
        if user.is_superuser:
            return self.all()
        own = Q(community__in=scope_of(user).communities)
        return self.filter(own & (Q(is_confidential=False) | Q(organiser=user)))

    def visible_to(self, user):
        """What was announced to this person: a team's activities to the team, others to all.

        Whoever is signed up and left the team still sees it, to say that they cannot come.
        """
        announced = ~Q(state=Activity.State.DRAFT)
        if not user.is_authenticated:
            return self.filter(announced, team__isnull=True)
        if user.is_superuser:
            return self.all()
        teams = Membership.objects.current().filter(user=user).values("team")
        own = Activity.objects.filter(
            sessions__signups__user=user, sessions__signups__state__in=SIGNED_UP
        )
        told = Q(team__isnull=True) | Q(team__in=teams) | Q(pk__in=own.values("pk"))
        mine = Q(community__in=scope_of(user).communities)
        return self.filter(announced & told | mine)


class Activity(Timestamped, Located):
    """活动: volunteering, training, care or exchange; the sign-up engine is the same for all."""

    class Kind(models.TextChoices):
        VOLUNTEERING = "volunteering", _("志愿服务")
        TRAINING = "training", _("培训")
        CARE = "care", _("护骑行动")
        EXCHANGE = "exchange", _("议事交流")

    class State(models.TextChoices):
        """Draft, then announced; signing up closes; the end, one way or the other."""

        DRAFT = "draft", _("草稿")
        PUBLISHED = "published", _("报名中")
        CLOSED = "closed", _("报名截止")
        FINISHED = "finished", _("已结束")
        CANCELLED = "cancelled", _("已取消")

    kind = models.CharField(_("类型"), max_length=12, choices=Kind.choices)
    state = models.CharField(
        _("状态"), max_length=10, choices=State.choices, default=State.DRAFT, editable=False
    )
    title = models.CharField(_("标题"), max_length=60)
    text = models.TextField(_("内容"), max_length=4000, blank=True)
    community = models.ForeignKey(
        Community, models.PROTECT, related_name="activities", verbose_name=_("社区")
    )
    grid = models.ForeignKey(
        Grid,
        models.SET_NULL,
        related_name="activities",
        null=True,
        blank=True,
        verbose_name=_("网格"),
    )
    place = models.CharField(_("地点"), max_length=120)
    partners = models.ManyToManyField(
        Organisation, blank=True, related_name="activities", verbose_name=_("共建单位")
    )
    organiser = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="organised_activities",
        verbose_name=_("组织者"),
    )
    is_confidential = models.BooleanField(
        _("保密"),
        default=False,
        help_text=_("心理、法律咨询等：谁报了名只有组织者看得到。"),
    )
    team = models.ForeignKey(
        Team,
        models.PROTECT,
        related_name="activities",
        null=True,
        blank=True,
        verbose_name=_("只给这支队伍"),
    )
    skills = models.ManyToManyField(
        Skill, blank=True, related_name="activities", verbose_name=_("要会什么")
    )
    course = models.ForeignKey(
        Course,
        models.PROTECT,
        related_name="activities",
        null=True,
        blank=True,
        verbose_name=_("课程"),
        help_text=_("培训才填。"),
    )
    opens_at = models.DateTimeField(_("报名开始"), default=timezone.now)
    closes_at = models.DateTimeField(
        _("报名截止"), null=True, blank=True, help_text=_("空着：到每一场开始为止。")
    )
    # Those who asked for it were told that it is there.
    told_at = models.DateTimeField(_("通知过"), null=True, editable=False)
    bring = models.CharField(_("要带什么"), max_length=200, blank=True)
    pledge_item = models.CharField(
        _("认捐什么"), max_length=20, blank=True, help_text=_("如：树苗。空着：不认捐。")
    )
    pledge_unit = models.CharField(_("单位"), max_length=4, blank=True, default=_("棵"))
    pledge_target = models.PositiveIntegerField(_("认捐目标"), null=True, blank=True)
    cancel_reason = models.CharField(_("取消原因"), max_length=200, blank=True, editable=False)

    objects = ActivityQuerySet.as_manager()

    class Meta:
        verbose_name = _("活动")
        verbose_name_plural = _("活动")
        ordering = ["-pk"]
        constraints = [
            Located.point_constraint("activity_point"),
            models.CheckConstraint(
                name="activity_closes_after_opening",
                condition=Q(closes_at__isnull=True) | Q(closes_at__gt=F("opens_at")),
                violation_error_message=_("报名截止要晚于报名开始。"),
            ),
            models.CheckConstraint(
                name="activity_pledge_has_target",
                condition=Q(pledge_item="", pledge_target__isnull=True)
                | (~Q(pledge_item="") & Q(pledge_target__isnull=False, pledge_target__gt=0)),
                violation_error_message=_("认捐要写清楚捐什么和目标数量。"),
            ),
            models.CheckConstraint(
                name="activity_course_is_training",
                condition=Q(course__isnull=True) | Q(kind="training"),
                violation_error_message=_("只有培训才选课程。"),
            ),
            models.CheckConstraint(
                name="activity_cancelled_with_reason",
                condition=Q(state="cancelled") & ~Q(cancel_reason="")
                | ~Q(state="cancelled") & Q(cancel_reason=""),
            ),
        ]
        indexes = [
            models.Index(fields=["community", "state", "-id"], name="activity_community"),
            models.Index(fields=["organiser", "-id"], name="activity_organiser"),
            infix_index("title", "activity_title_part"),
            models.Index(
                fields=["id"],
                name="activity_untold",
                condition=Q(state="published", told_at__isnull=True),
            ),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("volunteers:activity", args=[self.pk])

    @property
    def told_title(self):
        """What notices and calendars call it: they lie on screens, and administrators list them."""
        return str(_("庆小驿的活动")) if self.is_confidential else self.title

    def told_url(self):
        """Where a notice of it leads: of a confidential one to the person's own sign-ups."""
        return reverse("volunteers:mine") if self.is_confidential else self.get_absolute_url()

    def needed_skills(self):
        """What people must be able to do: what staff ask for, and what the course presupposes."""
        asked = models.Q(activities=self)
        if self.course_id and self.course.skill_id:
            asked |= models.Q(needed_for__skill=self.course.skill_id)
        return list(Skill.objects.filter(asked).distinct())

    @property
    def seal(self):
        """The character that stands for its kind."""
        return SEALS[self.kind]

    @property
    def is_over(self):
        """Whether nothing more will happen, one way or the other."""
        return self.state in (self.State.FINISHED, self.State.CANCELLED)

    @property
    def is_open(self):
        """Whether signing up is possible as far as the activity goes; sessions have their own."""
        now = timezone.now()
        return (
            self.state == self.State.PUBLISHED
            and self.opens_at <= now
            and (self.closes_at is None or now < self.closes_at)
        )


class ActivityBanner(Photo):
    """The picture on top of an activity's page; chosen by staff, public."""

    activity = models.OneToOneField(
        Activity, models.CASCADE, related_name="banner", verbose_name=_("活动")
    )

    class Meta:
        verbose_name = _("封面")
        verbose_name_plural = _("封面")

    def __str__(self):
        return f"{self.activity_id}"
