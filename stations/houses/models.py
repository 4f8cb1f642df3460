"""The warm station itself: where it is, when it is open, what it has; and whom to call first."""

from datetime import datetime, time, timedelta

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stations.areas.models import Community
from yuanhang.core.kept_rows import KeptForeignKey
from yuanhang.core.models import Located, Timestamped
from yuanhang.core.words import hours_span


class StationQuerySet(models.QuerySet):
    def listed(self):
        """Those the public sees."""
        return self.filter(is_listed=True)


class Station(Located, Timestamped):
    """驿站: a warm station."""

    community = KeptForeignKey(
        Community, models.PROTECT, related_name="stations", verbose_name=_("社区")
    )
    name = models.CharField(_("名称"), max_length=60)
    slug = models.SlugField(_("网址名"), unique=True)
    address = models.CharField(_("地址"), max_length=200)
    desk_phone = models.CharField(
        _("前台电话"), max_length=20, blank=True, help_text=_("座机，不填私人手机。")
    )
    note = models.CharField(_("一句话"), max_length=200, blank=True)
    is_listed = models.BooleanField(_("对外公开"), default=True)

    objects = StationQuerySet.as_manager()

    class Meta:
        verbose_name = _("驿站")
        verbose_name_plural = _("驿站")
        constraints = [Located.point_constraint("station_point")]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("stations:station", args=[self.slug])

    def opening(self, now=None):
        """Whether the station is open, and until or from when.

        Returns `Opening(is_open, moment)`: the closing time when open (None: around the clock),
        the next opening within eight days when closed. `is_known` is False where nobody
        has entered any hours: then nothing is promised, and nothing is denied. Local time decides;
        hours that end at or before their start run past midnight.
        """
        now, rules = timezone.localtime(now), list(self.hours.all())
        if not rules:
            return Opening(False, None, is_known=False)
        spans = sorted(span for rule in rules for span in rule.spans_around(now))
        end = max((end for start, end in spans if start <= now < end), default=None)
        if end is not None:
            closing = _joined_end(spans, end)
            # Spans that touch for a whole week never end: there is no closing time to tell.
            return Opening(True, closing if closing - now < timedelta(days=7) else None)
        return Opening(False, next((start for start, _end in spans if start > now), None))


def _joined_end(spans, end):
    """Follow spans that touch, so that 08:00–24:00 and 00:00–02:00 read as one."""
    for start, later in spans:
        if start <= end < later:
            end = later
    return end


class Opening:
    """Open or not, and the moment that changes; or that nobody knows."""

    def __init__(self, is_open, moment, *, is_known=True):
        self.is_open, self.moment, self.is_known = is_open, moment, is_known

    def _facts(self):
        return self.is_open, self.moment, self.is_known

    def __eq__(self, other):
        return self._facts() == other._facts()

    def __hash__(self):
        return hash(self._facts())

    def __repr__(self):
        unknown = "" if self.is_known else ", is_known=False"
        return f"Opening({self.is_open}, {self.moment}{unknown})"


class OpeningHours(models.Model):
    """One span of one weekday; several spans a day are several rows."""

    class Weekday(models.IntegerChoices):
        """As Python counts them."""

        MONDAY = 0, _("周一")
        TUESDAY = 1, _("周二")
        WEDNESDAY = 2, _("周三")
        THURSDAY = 3, _("周四")
        FRIDAY = 4, _("周五")
        SATURDAY = 5, _("周六")
        SUNDAY = 6, _("周日")

    station = models.ForeignKey(
        Station, models.CASCADE, related_name="hours", verbose_name=_("驿站")
    )
    weekday = models.PositiveSmallIntegerField(_("星期"), choices=Weekday.choices)
    opens = models.TimeField(_("开门"))
    closes = models.TimeField(_("关门"), help_text=_("不晚于开门时间就算到第二天；0:00 是午夜。"))

    class Meta:
        verbose_name = _("开放时间")
        verbose_name_plural = _("开放时间")
        ordering = ["weekday", "opens"]
        constraints = [
            models.UniqueConstraint(
                fields=["station", "weekday", "opens"], name="opening_hours_once"
            ),
            models.CheckConstraint(name="weekday_exists", condition=Q(weekday__lte=6)),
        ]

    def __str__(self):
        return f"{self.get_weekday_display()} {hours_span(self.opens, self.closes)}"

    def spans_around(self, now):
        """This rule's (start, end) from a day before to eight days after `now`, in its zone."""
        for offset in range(-1, 9):
            day = (now + timedelta(days=offset)).date()
            if day.weekday() != self.weekday:
                continue
            start = datetime.combine(day, self.opens, tzinfo=now.tzinfo)
            end_day = day + timedelta(days=1) if self.closes <= self.opens else day
            yield start, datetime.combine(end_day, self.closes or time(0), tzinfo=now.tzinfo)


class Zone(models.Model):
    """分区: a floor of the station."""

    station = models.ForeignKey(
        Station, models.CASCADE, related_name="zones", verbose_name=_("驿站")
    )
    floor = models.SmallIntegerField(_("楼层"), default=1)
    name = models.CharField(_("名称"), max_length=60)

    class Meta:
        verbose_name = _("分区")
        verbose_name_plural = _("分区")
        ordering = ["floor", "pk"]

    def __str__(self):
        return self.name


class FacilityQuerySet(models.QuerySet):
    def in_need_of_care(self):
        """Broken, or out of stock."""
        return self.exclude(condition=Facility.Condition.GOOD)


class Facility(Timestamped):
    """设施, with its condition and when somebody last looked."""

    class Condition(models.TextChoices):
        """What a rider wants to know before a detour."""

        GOOD = "good", _("正常")
        BROKEN = "broken", _("坏了")
        EMPTY = "empty", _("缺货")

    zone = models.ForeignKey(
        Zone, models.CASCADE, related_name="facilities", verbose_name=_("分区")
    )
    seal = models.CharField(_("印章字"), max_length=1, help_text=_("一个汉字，如 充 热 水。"))
    name = models.CharField(_("名称"), max_length=40)
    condition = models.CharField(
        _("状况"), max_length=8, choices=Condition.choices, default=Condition.GOOD
    )
    remark = models.CharField(_("说明"), max_length=60, blank=True)
    checked_at = models.DateTimeField(_("核对时间"), null=True, blank=True)
    order = models.PositiveSmallIntegerField(_("顺序"), default=0)

    objects = FacilityQuerySet.as_manager()

    class Meta:
        verbose_name = _("设施")
        verbose_name_plural = _("设施")
        ordering = ["zone__floor", "order", "pk"]
        constraints = [
            models.CheckConstraint(
                name="facility_checked_not_ahead",
                condition=Q(checked_at__isnull=True)
                | Q(checked_at__lte=F("updated_at") + timedelta(days=1)),
            )
        ]

    def __str__(self):
        return self.name


class EmergencyNumber(models.Model):
    """A number to call first. Editable: numbers change, and local ones are never invented."""

    number = models.CharField(_("号码"), max_length=20, unique=True)
    label = models.CharField(_("用途"), max_length=40)
    order = models.PositiveSmallIntegerField(_("顺序"), default=0)
    is_first = models.BooleanField(
        _("放在上报页最上面"), default=False, help_text=_("最多三四个，生死攸关的。")
    )

    class Meta:
        verbose_name = _("应急电话")
        verbose_name_plural = _("应急电话")
        ordering = ["order", "number"]

    def __str__(self):
        return f"{self.number} {self.label}"
