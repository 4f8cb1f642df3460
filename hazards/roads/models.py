"""A line that staff write for riders: a market day, a road that is closed."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stations.areas.models import Community, Grid
from yuanhang.core.models import Timestamped


class RoadLineQuerySet(models.QuerySet):
    """Lines by the days for which they hold."""

    def holding_on(self, day):
        """Those that hold on this day."""
        return self.filter(first_day__lte=day, last_day__gte=day)


class RoadLine(Timestamped):
    """路况提醒: one sentence for some days; public, so it speaks of roads and of nobody."""

    community = models.ForeignKey(
        Community, models.CASCADE, db_index=False, related_name="+", verbose_name=_("社区")
    )
    text = models.CharField(
        _("一句话"),
        max_length=60,
        help_text=_("像「周六大集，中央街 7 点到 12 点走不了」。所有人都看得到，不写人。"),
    )
    first_day = models.DateField(_("从哪天"), default=timezone.localdate)
    last_day = models.DateField(_("到哪天"), help_text=_("过了这天自己消失。"))

    objects = RoadLineQuerySet.as_manager()

    class Meta:
        verbose_name = _("路况提醒")
        verbose_name_plural = _("路况提醒")
        ordering = ["first_day", "pk"]
        indexes = [models.Index(fields=["community", "last_day"], name="road_line_running")]
        constraints = [
            models.CheckConstraint(
                name="road_line_ends_after_it_begins",
                condition=Q(last_day__gte=F("first_day")),
                violation_error_message=_("到的那天要在开始以后。"),
            )
        ]

    def __str__(self):
        return self.text


class RoadTold(models.Model):
    """That the riders of a grid were told of its road on a day: once, and no more that day."""

    grid = models.ForeignKey(
        Grid, models.CASCADE, db_index=False, related_name="+", verbose_name=_("网格")
    )
    day = models.DateField(_("哪天"))
    at = models.DateTimeField(_("时间"), default=timezone.now)

    class Meta:
        verbose_name = _("路况已通知")
        verbose_name_plural = _("路况已通知")
        constraints = [models.UniqueConstraint(fields=["grid", "day"], name="road_told_once_a_day")]

    def __str__(self):
        return f"{self.grid_id} {self.day}"
