"""What people can do: skills, which a course grants and an activity may ask for."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from yuanhang.core.models import Timestamped


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
