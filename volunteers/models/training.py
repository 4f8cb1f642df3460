"""What somebody was taught, and what they can do because of it, until when."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from yuanhang.core.models import Photo

from .activities import Session
from .skills import Course, Skill


class QualificationQuerySet(models.QuerySet):
    """Which qualifications."""

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


class TrainingRecord(models.Model):
    """培训记录: one person at one session of a training. Corrections leave their attendance marks.

    `qualification` is what the record was used for, so that a renewal asks for every part anew.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="training_records",
        verbose_name=_("人员"),
    )
    session = models.ForeignKey(
        Session, models.PROTECT, related_name="training_records", verbose_name=_("场次")
    )
    course = models.ForeignKey(
        Course,
        models.PROTECT,
        related_name="training_records",
        null=True,
        blank=True,
        verbose_name=_("课程"),
    )
    part = models.PositiveSmallIntegerField(_("第几讲"), default=1)
    organiser = models.CharField(_("组织单位"), max_length=60)
    title = models.CharField(_("内容"), max_length=60)
    on = models.DateField(_("日期"))
    minutes = models.PositiveSmallIntegerField(_("分钟"))
    is_passed = models.BooleanField(_("通过"))
    qualification = models.ForeignKey(
        Qualification,
        models.SET_NULL,
        related_name="training_records",
        null=True,
        blank=True,
        verbose_name=_("资质"),
    )

    class Meta:
        verbose_name = _("培训记录")
        verbose_name_plural = _("培训记录")
        ordering = ["-on", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["session", "user"], name="training_record_once"),
            models.CheckConstraint(
                name="training_passed_by_those_who_came",
                condition=Q(is_passed=False) | Q(minutes__gt=0),
            ),
            models.CheckConstraint(
                name="training_grants_what_was_passed",
                condition=Q(qualification__isnull=True) | Q(is_passed=True),
            ),
        ]
        indexes = [models.Index(fields=["user", "-on", "-id"], name="training_of_user")]

    def __str__(self):
        return f"{self.session_id} #{self.pk}"
