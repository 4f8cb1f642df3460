"""What happened to a case, and the pictures and words that came with it."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hazards.cases.models.hazards import Hazard, Rating
from hazards.cases.states import State
from stations.postings.models import Organisation


class Step(models.Model):
    """One move of a case, as its timeline tells it. Written by the verbs, never changed."""

    hazard = models.ForeignKey(Hazard, models.CASCADE, related_name="steps", verbose_name=_("隐患"))
    verb = models.CharField(_("动作"), max_length=20)
    state = models.CharField(_("之后的状态"), max_length=12, choices=State.choices)
    at = models.DateTimeField(_("时间"), default=timezone.now)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("操作人"),
    )
    by_role = models.CharField(_("身份"), max_length=40, blank=True)
    # Who was sent; the case forgets it when it comes back, its history does not.
    organisation = models.ForeignKey(
        Organisation,
        models.SET_NULL,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("派给"),
    )
    # What was said of that end; a case opened again asks anew.
    rating = models.PositiveSmallIntegerField(
        _("评价"), choices=Rating.choices, null=True, blank=True
    )
    note = models.TextField(_("说明"), blank=True)
    lost_files = models.PositiveSmallIntegerField(_("没存上的文件"), default=0)

    class Meta:
        verbose_name = _("经过")
        verbose_name_plural = _("经过")
        ordering = ["id"]
        indexes = [models.Index(fields=["hazard", "id"], name="step_of_hazard")]

    def __str__(self):
        return str(self.get_state_display())
