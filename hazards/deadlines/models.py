"""The working hours that limits are counted in."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from yuanhang.core.words import hours_span


class WorkingSpan(models.Model):
    """Part of a working day, local time; what 工作时 and 工作日 count. None: the usual hours."""

    opens = models.TimeField(_("上班"))
    closes = models.TimeField(_("下班"))

    class Meta:
        verbose_name = _("工作时间")
        verbose_name_plural = _("工作时间")
        ordering = ["opens"]
        constraints = [
            models.CheckConstraint(
                name="working_span_ends_after_start",
                condition=Q(closes__gt=F("opens")),
                violation_error_message=_("下班要晚于上班。"),
            )
        ]

    def __str__(self):
        return hours_span(self.opens, self.closes)

    def clean(self):
        # Spans of a day keep a break between them.
        others = WorkingSpan.objects.exclude(pk=self.pk)
        if (
            self.opens
            and self.closes
            and others.filter(opens__lte=self.closes, closes__gte=self.opens).exists()
        ):
            raise ValidationError(_("和另一段工作时间重叠或相连，合成一段就好。"), code="overlap")
