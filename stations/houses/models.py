"""The warm station itself: where it is, when it is open, what it has; and whom to call first."""

from datetime import timedelta

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stations.areas.models import Community
from stations.houses import opening
from stations.houses.door_codes import refuse_codes
from yuanhang.core.kept_rows import KeptForeignKey
from yuanhang.core.models import Located, Timestamped
from yuanhang.core.words import hours_span


class StationQuerySet(models.QuerySet):
    def listed(self):
        """Those the public sees."""
        return self.filter(is_listed=True)

    def stations(self):
        """Warm stations, without the friendly places (友好场所) around them."""
        return self.filter(kind=Station.Kind.STATION)

    def with_opening(self):
        """With what `opening` reads: three queries more, however many rows."""
        ended = timezone.now()
        current = (
            models.Prefetch(name, related.objects.filter(Q(ends_at=None) | Q(ends_at__gt=ended)))
            for name, related in (("closures", Closure), ("longer_hours", LongerHours))
        )
        return self.prefetch_related("hours", *current)


class Station(Located, Timestamped):
    """驿站: a warm station."""

    class Kind(models.TextChoices):
        """What sort of place it is; all but the first are friendly places (友好场所)."""

        STATION = "station", _("驿站")
        MERCHANT = "merchant", _("友好商户")
        PHARMACY = "pharmacy", _("药店")
        BANK = "bank", _("银行网点")
        FUEL = "fuel", _("加油站")
        OTHER = "other", _("其他")

    class OnHolidays(models.TextChoices):
        """What the weekly hours mean on a published holiday."""

        UNKNOWN = "", _("没定")
        USUAL = "usual", _("照常")
        CLOSED = "closed", _("不开")
        OWN = "own", _("按「节假日」那几行")

    community = KeptForeignKey(
        Community, models.PROTECT, related_name="stations", verbose_name=_("社区")
    )
    kind = models.CharField(_("种类"), max_length=8, choices=Kind.choices, default=Kind.STATION)
    name = models.CharField(_("名称"), max_length=60)
    slug = models.SlugField(_("网址名"), unique=True)
    address = models.CharField(_("地址"), max_length=200)
    desk_phone = models.CharField(
        _("前台电话"), max_length=20, blank=True, help_text=_("座机，不填私人手机。")
    )
    note = models.CharField(_("一句话"), max_length=200, blank=True)
    on_holidays = models.CharField(
        _("节假日"),
        max_length=8,
        choices=OnHolidays.choices,
        blank=True,
        default=OnHolidays.UNKNOWN,
        help_text=_(
            "按国务院公布的放假和调休。没定的话，节假日那天页面会说「时间未定，先打电话」。"
        ),
    )
    entry = models.CharField(
        _("怎么进门"),
        max_length=100,
        blank=True,
        validators=[refuse_codes],
        help_text=_("如：从南门进，红牌子下面；夜里按门铃。不写门禁密码。"),
    )
    agreed_by = models.CharField(
        _("谁同意的"),
        max_length=60,
        blank=True,
        help_text=_("单位和职务，如：药店店长。不写姓名。"),
    )
    agreed_on = models.DateField(_("哪天同意的"), null=True, blank=True)
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
        """The `Opening` at a moment, now by default; hours, closures and longer hours are read."""
        rules = tuple((rule.weekday, rule.opens, rule.closes) for rule in self.hours.all())
        return opening.opening(
            timezone.localtime(now),
            opening.Week(rules, self.on_holidays),
            [row.span for row in self.longer_hours.all()],
            [row.span for row in self.closures.all()],
        )


class FriendlyPlaceManager(models.Manager.from_queryset(StationQuerySet)):
    """All places but the stations."""

    def get_queryset(self):
        return super().get_queryset().exclude(kind=Station.Kind.STATION)


class FriendlyPlace(Station):
    """友好场所: a shop, a bank, a fuel station that lets riders in; entered by staff."""

    objects = FriendlyPlaceManager()

    class Meta:
        proxy = True
        verbose_name = _("友好场所")
        verbose_name_plural = _("友好场所")


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
        HOLIDAY = opening.HOLIDAY, _("节假日")

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
            models.CheckConstraint(name="weekday_exists", condition=Q(weekday__lte=7)),
        ]

    def __str__(self):
        return f"{self.get_weekday_display()} {hours_span(self.opens, self.closes)}"


class Stretch(models.Model):
    """A stretch of time of one place, with its reason; what is over stays as history."""

    starts_at = models.DateTimeField(_("开始"))
    reason = models.CharField(_("原因"), max_length=60)

    class Meta:
        abstract = True

    def __str__(self):
        return self.reason

    @property
    def span(self):
        """As `opening` reckons with it, in local time."""
        end = timezone.localtime(self.ends_at) if self.ends_at else None
        return opening.Span(timezone.localtime(self.starts_at), end, self.reason)


class Closure(Stretch):
    """临时关闭: closed from when until when, or until further notice."""

    station = models.ForeignKey(
        Station, models.CASCADE, related_name="closures", verbose_name=_("驿站")
    )
    ends_at = models.DateTimeField(
        _("到"), null=True, blank=True, help_text=_("不知道到哪天就空着。")
    )

    class Meta:
        verbose_name = _("临时关闭")
        verbose_name_plural = _("临时关闭")
        ordering = ["starts_at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="closure_ends_after_start",
                condition=Q(ends_at__isnull=True) | Q(ends_at__gte=F("starts_at")),
            )
        ]


class LongerHours(Stretch):
    """延长开放: open beyond the weekly hours, as in a night of extreme cold."""

    station = models.ForeignKey(
        Station, models.CASCADE, related_name="longer_hours", verbose_name=_("驿站")
    )
    ends_at = models.DateTimeField(_("到"))

    class Meta:
        verbose_name = _("延长开放")
        verbose_name_plural = _("延长开放")
        ordering = ["starts_at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="longer_hours_end_after_start", condition=Q(ends_at__gte=F("starts_at"))
            )
        ]


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

    class Kind(models.TextChoices):
        """What it is good for; `stations/needs/needs.py` says which need it meets."""

        HEATING = "heating", _("暖气")
        AIRCON = "aircon", _("空调")
        POWER = "power", _("充电")
        WATER = "water", _("热水")
        TOILET = "toilet", _("厕所")
        PUMP = "pump", _("打气")
        SEAT = "seat", _("座位")
        OVEN = "oven", _("热饭")
        SWAP = "swap", _("换电")
        OTHER = "other", _("其他")

    SEALS = {
        Kind.HEATING: "暖",
        Kind.AIRCON: "空",
        Kind.POWER: "充",
        Kind.WATER: "水",
        Kind.TOILET: "厕",
        Kind.PUMP: "气",
        Kind.SEAT: "歇",
        Kind.OVEN: "饭",
        Kind.SWAP: "换",
    }

    zone = models.ForeignKey(
        Zone, models.CASCADE, related_name="facilities", verbose_name=_("分区")
    )
    kind = models.CharField(_("种类"), max_length=8, choices=Kind.choices, default=Kind.OTHER)
    seal = models.CharField(_("印章字"), max_length=1, help_text=_("一个汉字，如 充 热 水。"))
    name = models.CharField(_("名称"), max_length=40)
    condition = models.CharField(
        _("状况"), max_length=8, choices=Condition.choices, default=Condition.GOOD
    )
    remark = models.CharField(_("说明"), max_length=60, blank=True)
    checked_at = models.DateTimeField(_("核对时间"), null=True, blank=True)
    # A role, never a name: riders read it.
    checked_as = models.CharField(_("谁核对"), max_length=24, blank=True, editable=False)
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


class FirstAidItemQuerySet(models.QuerySet):
    def expiring(self, day):
        """Those that are past their date on a day, or on their last day."""
        return self.filter(expires_on__lte=day)


class FirstAidItem(Timestamped):
    """应急药箱里的一样: what is in the first-aid box, and until when it is good."""

    station = models.ForeignKey(
        Station, models.CASCADE, related_name="first_aid", verbose_name=_("驿站")
    )
    name = models.CharField(_("名称"), max_length=40)
    expires_on = models.DateField(_("有效期到"), null=True, blank=True)
    warned_on = models.DateField(_("提醒过"), null=True, blank=True, editable=False)

    objects = FirstAidItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("应急药品")
        verbose_name_plural = _("应急药品")
        ordering = ["expires_on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["station", "name"], name="first_aid_item_once")
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
