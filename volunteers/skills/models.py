"""What people can do: skills, which a course grants and an activity may ask for."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from yuanhang.core.models import Photo, Timestamped


class Skill(Timestamped):
    """技能: granted by a course or by a registered certificate; may expire."""

    name = models.CharField(_("名称"), max_length=40, unique=True)
    text = models.CharField(_("说明"), max_length=200, blank=True)
    # Calendar days after the last session of the course; empty: for good.
    valid_days = models.PositiveSmallIntegerField(_("有效天数"), null=True, blank=True)
    requires = models.ManyToManyField(
        "self",
        through="SkillNeed",
        through_fields=("skill", "needed"),
        symmetrical=False,
        related_name="required_by",
        verbose_name=_("先要会"),
    )

    class Meta:
        verbose_name = _("技能")
        verbose_name_plural = _("技能")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                name="skill_is_valid_for_a_while",
                condition=Q(valid_days__isnull=True) | Q(valid_days__gt=0),
            )
        ]

    def __str__(self):
        return self.name


class SkillNeed(models.Model):
    """One skill presupposes another; circles are refused by `workflow.require_skill`."""

    skill = models.ForeignKey(Skill, models.CASCADE, related_name="needs", verbose_name=_("技能"))
    needed = models.ForeignKey(
        Skill, models.PROTECT, related_name="needed_for", verbose_name=_("先要会")
    )

    class Meta:
        verbose_name = _("技能要求")
        verbose_name_plural = _("技能要求")
        constraints = [
            models.UniqueConstraint(fields=["skill", "needed"], name="skill_need_once"),
            models.CheckConstraint(
                name="skill_never_needs_itself",
                condition=~Q(skill=F("needed")),
                violation_error_message=_("一项技能不能要求它自己。"),
            ),
        ]

    def __str__(self):
        return f"{self.skill_id} ← {self.needed_id}"


class Course(Timestamped):
    """课程: what a training teaches, in one part or several; each part is a session's subject.

    A skill is granted to whoever attended every part of this course, whichever run it was.
    """

    title = models.CharField(_("课程"), max_length=40, unique=True)
    text = models.CharField(_("讲什么"), max_length=400, blank=True)
    parts = models.PositiveSmallIntegerField(
        _("共几讲"), default=1, help_text=_("每一讲都参加了才算学完。")
    )
    skill = models.ForeignKey(
        Skill,
        models.PROTECT,
        related_name="courses",
        null=True,
        blank=True,
        verbose_name=_("学会什么"),
    )

    class Meta:
        verbose_name = _("课程")
        verbose_name_plural = _("课程")
        ordering = ["title"]
        constraints = [
            models.CheckConstraint(
                name="course_has_parts",
                condition=Q(parts__gte=1, parts__lte=20),
                violation_error_message=_("一门课有 1 到 20 讲。"),
            )
        ]

    def __str__(self):
        return self.title


class QualificationQuerySet(models.QuerySet):
    def in_force(self, day=None):
        """Those that count on a local day, today by default; the last day is included."""
        day = day or timezone.localdate()
        alive = self.filter(since__lte=day, revoked_at__isnull=True)
        return alive.filter(Q(until__isnull=True) | Q(until__gte=day))


class Qualification(models.Model):
    """资质: a person has a skill, from one day to another (both included) or for good."""

    class Source(models.TextChoices):
        """How it was earned."""

        TRAINING = "training", _("培训")
        REGISTERED = "registered", _("外部证书")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="qualifications",
        verbose_name=_("人员"),
    )
    skill = models.ForeignKey(
        Skill, models.PROTECT, related_name="qualifications", verbose_name=_("技能")
    )
    source = models.CharField(_("来源"), max_length=10, choices=Source.choices)
    course = models.ForeignKey(
        Course,
        models.PROTECT,
        related_name="qualifications",
        null=True,
        blank=True,
        verbose_name=_("课程"),
    )
    issuer = models.CharField(_("发证单位"), max_length=60, blank=True)
    since = models.DateField(_("从"))
    until = models.DateField(_("到"), null=True, blank=True)
    # The last warning that was given: 60, 14 or 0 days before the end.
    warned = models.PositiveSmallIntegerField(_("已提醒"), null=True, blank=True, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("登记人"),
    )
    at = models.DateTimeField(_("登记时间"), default=timezone.now, editable=False)
    revoked_at = models.DateTimeField(_("撤销时间"), null=True, blank=True, editable=False)
    revoke_reason = models.CharField(_("撤销原因"), max_length=200, blank=True, editable=False)

    objects = QualificationQuerySet.as_manager()

    class Meta:
        verbose_name = _("资质")
        verbose_name_plural = _("资质")
        ordering = ["-since", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="qualification_ends_after_start",
                condition=Q(until__isnull=True) | Q(until__gte=F("since")),
                violation_error_message=_("到期不能早于开始。"),
            ),
            models.CheckConstraint(
                name="qualification_has_its_source",
                condition=Q(source="training", course__isnull=False, issuer="")
                | (Q(source="registered", course__isnull=True) & ~Q(issuer="")),
            ),
            models.CheckConstraint(
                name="qualification_revoked_with_reason",
                condition=Q(revoked_at__isnull=True, revoke_reason="")
                | (Q(revoked_at__isnull=False) & ~Q(revoke_reason="")),
            ),
        ]
        indexes = [
            models.Index(fields=["user", "skill"], name="qualification_of_user"),
            models.Index(
                fields=["until"],
                name="qualification_ending",
                condition=Q(until__isnull=False, revoked_at__isnull=True),
            ),
        ]

    def __str__(self):
        return f"{self.skill_id} #{self.pk}"

    @property
    def is_in_force(self):
        """As `in_force`, of one row."""
        today = timezone.localdate()
        is_alive = self.revoked_at is None and self.since <= today
        return is_alive and (self.until is None or self.until >= today)


class QualificationScan(Photo):
    """The picture of a certificate from elsewhere; for its owner and the community's staff."""

    qualification = models.OneToOneField(
        Qualification, models.CASCADE, related_name="scan", verbose_name=_("资质")
    )

    class Meta:
        verbose_name = _("证书照片")
        verbose_name_plural = _("证书照片")

    def __str__(self):
        return f"{self.qualification_id}"
