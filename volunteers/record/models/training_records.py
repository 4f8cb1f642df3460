"""What somebody was taught, and what they can do because of it, until when."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from volunteers.activities.models.sessions import ActivitySession
from volunteers.skills.models import Course, Qualification


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
        ActivitySession, models.PROTECT, related_name="training_records", verbose_name=_("场次")
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
