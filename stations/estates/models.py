"""Friendly estates (友好小区): which gate lets a rider in, written by riders and confirmed."""

from datetime import time

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stations.areas.boundaries import polygon_of
from stations.areas.models import Community
from stations.houses.door_codes import refuse_codes, refuse_names
from stations.postings.access import Viewer, scope_of
from yuanhang.core.infix import infix_index
from yuanhang.core.kept_rows import KeptForeignKey
from yuanhang.core.models import Located, Photo, Timestamped
from yuanhang.core.words import hours_span

NUMBER_MAX = 6  # characters of a building's number: 8, 12A, 门诊
BUILDINGS_MAX = 60  # that one gate is near to


class EstateQuerySet(models.QuerySet):
    def listed(self):
        """Those the public sees."""
        return self.filter(is_listed=True)

    def visible_to(self, user: Viewer):
        """The listed ones; staff also those of their community that are not listed yet."""
        if user.is_authenticated and user.is_superuser:
            return self.all()
        communities = scope_of(user).communities if user.is_authenticated else ()
        return self.filter(Q(is_listed=True) | Q(community__in=communities))


class Estate(Located, Timestamped):
    """小区、商场、写字楼、医院: a place with gates, where riders lose minutes."""

    class Kind(models.TextChoices):
        """What sort of place it is."""

        RESIDENTIAL = "residential", _("小区")
        MALL = "mall", _("商场")
        OFFICE = "office", _("写字楼")
        HOSPITAL = "hospital", _("医院")

    SEALS = {Kind.RESIDENTIAL: "区", Kind.MALL: "商", Kind.OFFICE: "楼", Kind.HOSPITAL: "医"}

    community = KeptForeignKey(
        Community, models.PROTECT, related_name="estates", verbose_name=_("社区")
    )
    kind = models.CharField(
        _("种类"), max_length=12, choices=Kind.choices, default=Kind.RESIDENTIAL
    )
    name = models.CharField(_("名称"), max_length=60)
    # Made by `estates.create`: names are Chinese and change, an address on paper does not.
    slug = models.SlugField(_("网址名"), unique=True, editable=False)
    address = models.CharField(_("地址"), max_length=100, blank=True)
    property_phone = models.CharField(
        _("物业电话"), max_length=20, blank=True, help_text=_("值班座机，不填私人手机。")
    )
    boundary = models.JSONField(
        _("边界"),
        null=True,
        blank=True,
        validators=[polygon_of],
        help_text=_("GeoJSON 多边形，先经度后纬度，WGS-84。没有就只填下面的点。"),
    )
    agreement = models.CharField(
        _("说好的规矩"),
        max_length=100,
        blank=True,
        validators=[refuse_codes, refuse_names],
        help_text=_("和物业、社区谈定的一句话，谁都看得到。如：送餐车走北门，登记车牌就放行。"),
    )
    agreed_on = models.DateField(_("哪天说好的"), null=True, blank=True)
    is_listed = models.BooleanField(_("对外公开"), default=True)

    objects = EstateQuerySet.as_manager()

    class Meta:
        verbose_name = _("友好小区")
        verbose_name_plural = _("友好小区")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["community", "name"], name="estate_once"),
            Located.point_constraint("estate_point"),
            models.CheckConstraint(
                name="estate_agreement_has_its_day",
                condition=Q(agreement="", agreed_on__isnull=True)
                | (~Q(agreement="") & Q(agreed_on__isnull=False)),
            ),
        ]
        indexes = [
            models.Index(fields=["name", "id"], name="estate_list"),
            infix_index("name", "estate_name_part"),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("estates:estate", args=[self.slug])

    @property
    def seal(self):
        """One character for a row of a list."""
        return self.SEALS[self.kind]


class EstateBuilding(models.Model):
    """楼栋: a building of an estate with its number and a point (WGS-84)."""

    estate = models.ForeignKey(
        Estate, models.CASCADE, related_name="buildings", verbose_name=_("小区")
    )
    number = models.CharField(_("楼号"), max_length=NUMBER_MAX, help_text=_("只写号，如 8、12A。"))
    latitude = models.FloatField(_("纬度"))
    longitude = models.FloatField(_("经度"))

    class Meta:
        verbose_name = _("楼栋")
        verbose_name_plural = _("楼栋")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["estate", "number"], name="building_once"),
            models.CheckConstraint(
                name="building_point",
                condition=Q(latitude__gte=-90, latitude__lte=90)
                & Q(longitude__gte=-180, longitude__lte=180),
            ),
        ]
        indexes = [models.Index(fields=["number"], name="building_number")]

    def __str__(self):
        return self.number


class EstateFact(models.Model):
    """One thing to know of an estate; what it says are its versions, one of which is shown."""

    class Kind(models.TextChoices):
        """In the order of the page."""

        GATE = "gate", _("门")
        PARKING = "parking", _("停车")
        BUILDINGS = "buildings", _("楼号怎么排")
        ENTRANCE = "entrance", _("单元门和电梯")
        SHELF = "shelf", _("取餐架")
        SWAP = "swap", _("换电柜")
        GUARD = "guard", _("门卫的规矩")
        TOILET = "toilet", _("最近的厕所")

    SEALS = {
        Kind.GATE: "门",
        Kind.PARKING: "停",
        Kind.BUILDINGS: "楼",
        Kind.ENTRANCE: "梯",
        Kind.SHELF: "架",
        Kind.SWAP: "换",
        Kind.GUARD: "规",
        Kind.TOILET: "厕",
    }

    estate = models.ForeignKey(Estate, models.CASCADE, related_name="facts", verbose_name=_("小区"))
    kind = models.CharField(_("说的是"), max_length=10, choices=Kind.choices)
    created_at = models.DateTimeField(_("创建时间"), default=timezone.now, editable=False)
    # The property asks for it to be taken down; staff decide.
    down_asked_at = models.DateTimeField(_("物业请求撤下"), null=True)
    down_words = models.CharField(_("物业说的理由"), max_length=60, blank=True)
    taken_down_at = models.DateTimeField(_("撤下时间"), null=True)

    class Meta:
        verbose_name = _("小区里的一条")
        verbose_name_plural = _("小区里的一条")
        ordering = ["pk"]
        indexes = [
            models.Index(
                fields=["estate"], name="fact_stands", condition=Q(taken_down_at__isnull=True)
            )
        ]

    def __str__(self):
        return str(self.get_kind_display())

    @property
    def seal(self):
        """One character in a square."""
        return self.SEALS[self.kind]


class FactVersionQuerySet(models.QuerySet):
    def standing(self):
        """Those that nothing replaced: what is shown, and what waits to be confirmed."""
        return self.filter(ended_at=None, fact__taken_down_at=None)

    def shown(self):
        """What the public reads."""
        return self.standing().exclude(confirmed_at=None)


class FactVersion(Located):
    """What somebody wrote about a fact. Nobody reads who but by role; staff may undo it.

    `confirmed_at` is when it was believed first, `sure_at` when it was confirmed last: from that
    it counts when it is out of date. Each time that it is believed begins a round, in which it
    takes two others again.
    """

    class Bikes(models.TextChoices):
        """Whom a gate lets in."""

        IN = "in", _("电动车能进")
        WALK = "walk", _("只能走人")
        SHUT = "shut", _("封着")

    class Sure(models.TextChoices):
        """Who confirmed it."""

        WORKERS = "workers", _("骑手")
        STAFF = "staff", _("社区")
        PHONE = "phone", _("物业电话")
        PROPERTY = "property", _("物业")

    class End(models.TextChoices):
        """How it ended."""

        REPLACED = "replaced", _("改过了")
        UNDONE = "undone", _("社区撤回了")

    fact = models.ForeignKey(
        EstateFact, models.CASCADE, related_name="versions", verbose_name=_("哪一条")
    )
    name = models.CharField(_("哪个门"), max_length=12, blank=True)
    bikes = models.CharField(_("谁能进"), max_length=4, choices=Bikes.choices, blank=True)
    opens = models.TimeField(_("从几点"), null=True, blank=True)
    closes = models.TimeField(_("到几点"), null=True, blank=True)
    buildings = ArrayField(
        models.CharField(max_length=NUMBER_MAX),
        default=list,
        blank=True,
        size=BUILDINGS_MAX,
        verbose_name=_("离哪几栋近"),
    )
    words = models.CharField(_("一句话"), max_length=80, blank=True)
    written_at = models.DateTimeField(_("写的时间"), default=timezone.now)
    written_as = models.CharField(_("谁写的"), max_length=24)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("写的人"),
    )
    round = models.PositiveIntegerField(_("第几轮确认"), default=0)
    confirmed_at = models.DateTimeField(_("第一次确认"), null=True)
    sure_at = models.DateTimeField(_("最近确认"), null=True)
    sure_as = models.CharField(_("谁确认"), max_length=8, choices=Sure.choices, blank=True)
    # The day of the telephone call, where staff wrote it down later.
    sure_on = models.DateField(_("哪天核的"), null=True)
    ended_at = models.DateTimeField(_("结束时间"), null=True)
    end = models.CharField(_("怎么结束"), max_length=8, choices=End.choices, blank=True)

    objects = FactVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("小区信息的一版")
        verbose_name_plural = _("小区信息的一版")
        ordering = ["pk"]
        constraints = [
            Located.point_constraint("fact_version_point"),
            models.UniqueConstraint(
                fields=["fact"],
                name="fact_shows_one_version",
                condition=Q(ended_at__isnull=True, confirmed_at__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["fact"],
                name="fact_has_one_waiting",
                condition=Q(ended_at__isnull=True, confirmed_at__isnull=True),
            ),
            models.CheckConstraint(
                name="fact_hours_are_a_pair",
                condition=Q(opens__isnull=True, closes__isnull=True)
                | Q(opens__isnull=False, closes__isnull=False),
            ),
            models.CheckConstraint(
                name="fact_sure_says_who_and_when",
                condition=Q(confirmed_at__isnull=True, sure_at__isnull=True, sure_as="")
                | (
                    Q(confirmed_at__isnull=False, sure_at__isnull=False, sure_on__isnull=False)
                    & ~Q(sure_as="")
                ),
            ),
            models.CheckConstraint(
                name="fact_ended_says_how",
                condition=Q(ended_at__isnull=True, end="")
                | (Q(ended_at__isnull=False) & ~Q(end="")),
            ),
        ]
        indexes = [
            GinIndex(fields=["buildings"], name="fact_buildings"),
            models.Index(fields=["ended_at"], name="fact_ended"),
            models.Index(fields=["written_at"], name="fact_written"),
        ]

    def __str__(self):
        return self.name or self.words or str(_("一张照片"))

    @property
    def title(self):
        """In one line: 「北门，电动车能进」, or the sentence itself."""
        if self.name:
            return f"{self.name}，{self.get_bikes_display()}"
        return self.words or str(_("有一张照片，登记确认过的骑手看得到"))

    @property
    def hours(self):
        """「6:00–22:00」, 「全天」, or nothing where nobody wrote them."""
        if self.opens is None or self.closes is None:
            return ""
        is_all_day = self.opens == self.closes == time(0)
        return str(_("全天")) if is_all_day else hours_span(self.opens, self.closes)


class FactConfirmation(models.Model):
    """Somebody said that a version is right. One person counts once a round."""

    version = models.ForeignKey(
        FactVersion, models.CASCADE, related_name="confirmations", verbose_name=_("哪一版")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("谁")
    )
    role = models.CharField(_("身份"), max_length=24)
    round = models.PositiveIntegerField(_("第几轮"))
    at = models.DateTimeField(_("时间"), default=timezone.now)

    class Meta:
        verbose_name = _("说对的一次")
        verbose_name_plural = _("说对的一次")
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "user", "round"], name="fact_confirmed_once_a_round"
            )
        ]
        indexes = [models.Index(fields=["at"], name="fact_confirmed_at")]

    def __str__(self):
        return f"{self.version}（{self.role}）"


class FactPhoto(Photo):
    """A photo of a version: for confirmed workers and staff, never on a public page."""

    version = models.ForeignKey(
        FactVersion, models.CASCADE, related_name="photos", verbose_name=_("哪一版")
    )

    class Meta:
        verbose_name = _("小区照片")
        verbose_name_plural = _("小区照片")
        ordering = ["pk"]
        indexes = [models.Index(fields=["created_at"], name="fact_photo_created")]

    def __str__(self):
        return str(self.version)
