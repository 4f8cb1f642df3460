"""The people the station serves: registration, consents, and what they agreed to.

Only what the station needs is asked: no identity card, face, health, home, bank or track. Optional
facts hang on a consent of their own and are erased when it is withdrawn.
"""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stations.areas.models import Community, Grid
from stations.houses.models import Station
from stations.postings.access import scope_of
from yuanhang.core.models import Timestamped


class Platform(models.Model):
    """平台: an editable list, for choosing only."""

    name = models.CharField(_("名称"), max_length=30, unique=True)
    order = models.PositiveSmallIntegerField(_("顺序"), default=0)
    is_active = models.BooleanField(_("可选"), default=True)

    class Meta:
        verbose_name = _("平台")
        verbose_name_plural = _("平台")
        ordering = ["order", "pk"]

    def __str__(self):
        return self.name


class PrivacyNotice(models.Model):
    """个人信息处理告知, one row per version; the published ones are never changed."""

    version = models.CharField(_("版本"), max_length=20, unique=True)
    text = models.TextField(_("正文"))
    published_at = models.DateTimeField(_("发布时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("个人信息告知")
        verbose_name_plural = _("个人信息告知")
        ordering = ["-published_at", "-pk"]

    def __str__(self):
        return self.version

    @classmethod
    def current(cls):
        """The newest published version, or None."""
        return cls.objects.filter(published_at__lte=timezone.now()).first()


class WorkerQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Their own row; community and station staff see those of their place."""
        if not user.is_authenticated:
            return self.none()
        if user.is_superuser:
            return self.all()
        scope = scope_of(user)
        return self.filter(
            Q(user=user) | Q(community__in=scope.communities) | Q(station__in=scope.stations)
        )

    def waiting(self):
        """Registrations that nobody confirmed yet, of people who can still log in."""
        return self.filter(confirmed_at__isnull=True, user__is_active=True)


class Worker(Timestamped):
    """新就业群体: the profile of a user who rides or drives."""

    class Job(models.TextChoices):
        """工种: the kind of work."""

        RIDER = "rider", _("外卖骑手")
        COURIER = "courier", _("快递小哥")
        DRIVER = "driver", _("网约车司机")
        OTHER = "other", _("其他")

    class FreeTime(models.TextChoices):
        """可参加时段: when the roads are quiet."""

        WEEKDAY_MORNING = "weekday_morning", _("工作日 10 点前后")
        WEEKDAY_AFTERNOON = "weekday_afternoon", _("工作日 14–17 点")
        WEEKDAY_EVENING = "weekday_evening", _("工作日晚上")
        WEEKEND_MORNING = "weekend_morning", _("周末上午")
        WEEKEND_AFTERNOON = "weekend_afternoon", _("周末下午")

    class HelpTime(models.TextChoices):
        """几点可以叫我帮人: when a neighbour's call may reach this person."""

        MORNING = "morning", _("6–10 点")
        NOON = "noon", _("10–14 点")
        AFTERNOON = "afternoon", _("14–17 点")
        EVENING = "evening", _("17–21 点")
        NIGHT = "night", _("21 点到早上 6 点")

    class Party(models.TextChoices):
        """党员/愿参加组织活动; sensitive, only with its own consent."""

        NOT_SAID = "", _("不填")
        MEMBER = "member", _("我是党员")
        WILLING = "willing", _("愿意参加组织活动")

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="worker", verbose_name=_("账号")
    )
    community = models.ForeignKey(
        Community, models.PROTECT, related_name="workers", verbose_name=_("社区")
    )
    station = models.ForeignKey(
        Station,
        models.SET_NULL,
        related_name="workers",
        null=True,
        blank=True,
        verbose_name=_("登记的驿站"),
    )
    job = models.CharField(_("工种"), max_length=10, choices=Job.choices)
    platform = models.ForeignKey(
        Platform, models.SET_NULL, null=True, blank=True, verbose_name=_("平台")
    )
    usual_grids = models.ManyToManyField(
        Grid, blank=True, related_name="usual_workers", verbose_name=_("常跑网格")
    )
    wants_sms = models.BooleanField(_("愿意收短信"), default=False)
    wants_activity_notices = models.BooleanField(_("愿意收活动通知"), default=False)
    wants_road_notices = models.BooleanField(_("愿意收常跑网格的路况"), default=False)
    free_times = ArrayField(
        models.CharField(max_length=20, choices=FreeTime.choices),
        default=list,
        blank=True,
        verbose_name=_("可参加时段"),
    )
    skills = models.CharField(_("技能"), max_length=200, blank=True)
    help_times = ArrayField(
        models.CharField(max_length=12, choices=HelpTime.choices),
        default=list,
        blank=True,
        verbose_name=_("附近有人求助时可以叫我"),
    )
    party = models.CharField(
        _("党员/愿参加组织活动"), max_length=8, choices=Party.choices, blank=True, default=""
    )
    confirmed_at = models.DateTimeField(_("确认时间"), null=True, blank=True, editable=False)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        related_name="+",
        null=True,
        blank=True,
        editable=False,
        verbose_name=_("确认人"),
    )

    objects = WorkerQuerySet.as_manager()

    class Meta:
        verbose_name = _("新就业群体")
        verbose_name_plural = _("新就业群体")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="worker_confirmer_needs_time",
                condition=Q(confirmed_by__isnull=True) | Q(confirmed_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["community", "-id"],
                name="worker_waiting",
                condition=Q(confirmed_at__isnull=True),
            ),
            models.Index(fields=["community", "-id"], name="worker_community"),
        ]

    def __str__(self):
        return str(self.user)

    @property
    def is_confirmed(self):
        """Whether staff confirmed the registration; reporting works before, too."""
        return self.confirmed_at is not None


class ConsentQuerySet(models.QuerySet):
    def in_force(self):
        """Given and not withdrawn."""
        return self.filter(withdrawn_at__isnull=True)


class Consent(models.Model):
    """A yes to one purpose under one version of the notice; withdrawn by a stamp, not a delete."""

    class Purpose(models.TextChoices):
        """`basic` is the registration itself; each other one stands alone and is optional."""

        BASIC = "basic", _("登记和上报")
        FREE_TIMES = "free_times", _("可参加时段")
        SKILLS = "skills", _("技能")
        PARTY = "party", _("党员/愿参加组织活动")
        HELP_TIMES = "help_times", _("附近有人求助时可以叫我")

    worker = models.ForeignKey(
        Worker, models.CASCADE, related_name="consents", verbose_name=_("人员")
    )
    purpose = models.CharField(_("用途"), max_length=12, choices=Purpose.choices)
    notice = models.ForeignKey(PrivacyNotice, models.PROTECT, verbose_name=_("告知版本"))
    given_at = models.DateTimeField(_("同意时间"), default=timezone.now)
    withdrawn_at = models.DateTimeField(_("撤回时间"), null=True, blank=True)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        verbose_name = _("同意记录")
        verbose_name_plural = _("同意记录")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["worker", "purpose"],
                name="consent_in_force_once",
                condition=Q(withdrawn_at__isnull=True),
            ),
            models.CheckConstraint(
                name="consent_withdrawn_after_given",
                condition=Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gte=F("given_at")),
            ),
        ]

    def __str__(self):
        return f"{self.get_purpose_display()} {self.notice.version}"
