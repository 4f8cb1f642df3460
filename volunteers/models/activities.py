"""Activities of every kind, and their sessions."""

from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stations.access import scope_of
from stations.models import Community, Grid, Organisation
from yuanhang.core.models import Located, Photo, Timestamped

from .skills import Course, Skill
from .teams import Membership, Team

SESSION_HOURS_MAX = 24
PLACES_MAX = 2000
# States of a sign-up that is neither cancelled nor lapsed.
SIGNED_UP = ("pairing", "waiting", "offered", "confirmed")
SEALS = {"volunteering": "志", "training": "训", "care": "护", "exchange": "议"}


class ActivityQuerySet(models.QuerySet):
    """Which activities."""

    def managed_by(self, user):
        """Those a member of staff runs: their communities'; confidential ones the organiser's."""
        if not user.is_authenticated:
            return self.none()
        if user.is_superuser:
            return self.all()
        own = Q(community__in=scope_of(user).communities)
        return self.filter(own & (Q(is_confidential=False) | Q(organiser=user)) | Q(organiser=user))

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
        own = Session.objects.filter(signups__user=user, signups__state__in=SIGNED_UP)
        told = Q(team__isnull=True) | Q(team__in=teams) | Q(pk__in=own.values("activity"))
        mine = Q(community__in=scope_of(user).communities) | Q(organiser=user)
        return self.filter(announced & told | mine)


class Activity(Timestamped, Located):
    """活动: volunteering, training, care or exchange; the sign-up engine is the same for all."""

    class Kind(models.TextChoices):
        """Each with its seal (LOOK)."""

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
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        """Its page."""
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


class ActivityCover(Photo):
    """The picture on top of an activity's page; chosen by staff, public."""

    activity = models.OneToOneField(
        Activity, models.CASCADE, related_name="cover", verbose_name=_("活动")
    )

    class Meta:
        verbose_name = _("封面")
        verbose_name_plural = _("封面")

    def __str__(self):
        return f"{self.activity_id}"


class SessionQuerySet(models.QuerySet):
    """Which sessions."""

    def coming(self):
        """Not over yet."""
        now = timezone.now()
        # No session is longer than a day, so the index on the start finds them.
        recent = now - timedelta(hours=SESSION_HOURS_MAX)
        return self.filter(ends_at__gt=now, starts_at__gt=recent)

    def visible_to(self, user):
        """Those of the activities that were announced to this person."""
        return self.filter(activity__in=Activity.objects.visible_to(user))

    def attended_by(self, user):
        """Coming ones for which this person is signed up, or in the line, soonest first."""
        rows = self.coming().filter(signups__user=user, signups__state__in=SIGNED_UP)
        return rows.select_related("activity").order_by("starts_at", "pk")

    def listed_for(self, user):
        """What the list shows, soonest first: no drafts; what is confidential not to everybody."""
        rows = self.coming().visible_to(user)
        rows = rows.exclude(activity__state__in=[Activity.State.DRAFT, Activity.State.FINISHED])
        if not user.is_authenticated:
            rows = rows.filter(activity__is_confidential=False)
        return rows.select_related("activity").order_by("starts_at", "pk")

    def unsettled(self):
        """Nobody wrote down yet who took part, though the activity was held."""
        held = ("published", "closed", "finished")
        return self.filter(settled_at__isnull=True, activity__state__in=held)


class Session(Timestamped):
    """场次: one time to be there, with its places.

    `taken` counts the confirmed and the held places; the workflow keeps it under the row's lock
    and `ceiling` is what the database refuses to pass: the maximum, or what was taken already
    when the maximum was lowered, because nobody confirmed is thrown out.
    """

    activity = models.ForeignKey(
        Activity, models.CASCADE, related_name="sessions", verbose_name=_("活动")
    )
    starts_at = models.DateTimeField(_("开始"))
    ends_at = models.DateTimeField(_("结束"))
    minimum = models.PositiveSmallIntegerField(_("最少几人"), default=1)
    maximum = models.PositiveSmallIntegerField(_("最多几人"))
    leader = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        related_name="led_sessions",
        null=True,
        blank=True,
        verbose_name=_("负责人"),
    )
    taken = models.PositiveSmallIntegerField(_("已占"), default=0, editable=False)
    ceiling = models.PositiveSmallIntegerField(_("上限"), editable=False)
    reminded_at = models.DateTimeField(_("提醒时间"), null=True, blank=True, editable=False)
    part = models.PositiveSmallIntegerField(_("第几讲"), default=1, help_text=_("课程分几讲时填。"))
    # Who took part was written down; by the system when nobody touched it.
    settled_at = models.DateTimeField(_("记录时间"), null=True, blank=True, editable=False)
    settled_by_itself = models.BooleanField(_("自动记录"), default=False, editable=False)

    objects = SessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("场次")
        verbose_name_plural = _("场次")
        ordering = ["starts_at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="session_ends_after_start",
                condition=Q(ends_at__gt=F("starts_at")),
                violation_error_message=_("结束要晚于开始。"),
            ),
            models.CheckConstraint(
                name="session_places_make_sense",
                condition=Q(minimum__gte=1, maximum__gte=F("minimum"), maximum__lte=PLACES_MAX),
                violation_error_message=_("最多人数不能少于最少人数。"),
            ),
            models.CheckConstraint(
                name="session_never_overbooked",
                condition=Q(taken__lte=F("ceiling"), ceiling__gte=F("maximum")),
            ),
            models.CheckConstraint(name="session_part_counts_from_one", condition=Q(part__gte=1)),
            models.CheckConstraint(
                name="session_settled_after_its_end",
                condition=Q(settled_at__isnull=True) | Q(settled_at__gte=F("ends_at")),
            ),
        ]
        indexes = [
            models.Index(fields=["starts_at", "id"], name="session_by_day"),
            models.Index(fields=["leader", "-starts_at"], name="session_of_leader"),
            models.Index(
                fields=["ends_at"], name="session_unsettled", condition=Q(settled_at__isnull=True)
            ),
        ]

    def __str__(self):
        return f"{self.activity} {timezone.localtime(self.starts_at):%m-%d %H:%M}"

    def get_absolute_url(self):
        """Where it stands on its activity's page."""
        return f"{self.activity.get_absolute_url()}#session-{self.pk}"

    def told_url(self):
        """As its activity's."""
        activity = self.activity
        return activity.told_url() if activity.is_confidential else self.get_absolute_url()

    def save(self, *args, **kwargs):
        """A new session's ceiling is its maximum."""
        if self.ceiling is None:
            self.ceiling = self.maximum
        super().save(*args, **kwargs)

    def clean(self):
        """No session of several days: each day is a session of its own. No part beyond the last."""
        if self.starts_at and self.ends_at:
            hours = (self.ends_at - self.starts_at).total_seconds() / 3600
            if hours > SESSION_HOURS_MAX:
                raise ValidationError({"ends_at": _("一场不能超过一天，每天各设一场。")})
        course = self.activity.course if self.activity_id else None
        if self.part > (course.parts if course else 1):
            raise ValidationError({"part": _("这门课没有这一讲。")})

    def why_not_at(self, starts_at):
        """Why it may not be changed to start at `starts_at`, in words, or None.

        An announced one that is over is a fact. Moved back behind now it would count as held at
        once, and give minutes to everybody; a draft's was never held and may be moved anywhere.
        """
        if self.activity.state == Activity.State.DRAFT:
            return None
        if self.is_over:
            return _("这一场已经结束，不能再改。")
        # Forms send whole minutes.
        if starts_at < min(self.starts_at.replace(second=0, microsecond=0), timezone.now()):
            return _("这个开始时间已经过去了，看看日期写对没有。")
        return None

    def get_roster_url(self):
        """The list of who comes, and who came."""
        return reverse("volunteers:roster", args=[self.pk])

    @property
    def left(self):
        """Places that nobody holds."""
        return max(self.maximum - self.taken, 0)

    @property
    def minutes(self):
        """How long it lasts."""
        return int((self.ends_at - self.starts_at).total_seconds() // 60)

    @property
    def has_started(self):
        """Whether it began."""
        return self.starts_at <= timezone.now()

    @property
    def is_over(self):
        """Whether it ended."""
        return self.ends_at <= timezone.now()
