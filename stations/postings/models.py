"""Who serves where: organisations and postings, the root of every scope."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, time

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stations.areas.models import Community, Grid, Subdistrict
from stations.houses.models import Station
from yuanhang.core.kept_answers import kept
from yuanhang.core.kept_rows import KeptForeignKey
from yuanhang.core.models import Timestamped


class Organisation(Timestamped):
    """单位: a partner, or one responsible for repairs."""

    class Kind(models.TextChoices):
        """What it is to us."""

        PARTNER = "partner", _("共建单位")
        RESPONSIBLE = "responsible", _("责任单位")

    subdistrict = KeptForeignKey(
        Subdistrict, models.PROTECT, related_name="organisations", verbose_name=_("街道")
    )
    name = models.CharField(_("名称"), max_length=80)
    kind = models.CharField(_("类型"), max_length=12, choices=Kind.choices)
    phone = models.CharField(_("电话"), max_length=20, blank=True)
    is_active = models.BooleanField(_("在用"), default=True)

    class Meta:
        verbose_name = _("单位")
        verbose_name_plural = _("单位")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["subdistrict", "name"], name="organisation_once")
        ]

    def __str__(self):
        return self.name


@dataclass(frozen=True)
class Scope:
    """What a person's current postings cover: sets of primary keys."""

    grids: frozenset = frozenset()
    stations: frozenset = frozenset()
    communities: frozenset = frozenset()
    subdistricts: frozenset = frozenset()

    @classmethod
    def of(cls, rows):
        """The scope of rows of (grid, station, community, subdistrict), each a key or None."""
        return cls(*(frozenset(filter(None, column)) for column in zip(*rows, strict=True)))

    def covers(self, grid_id, community_id, subdistrict_id):
        """Whether what lies in these places is in the scope; a key or None each."""
        return (
            grid_id in self.grids
            or community_id in self.communities
            or subdistrict_id in self.subdistricts
        )

    def __bool__(self):
        return bool(self.grids or self.stations or self.communities or self.subdistricts)


@dataclass(frozen=True)
class Posts:
    """All posts of a day by primary keys: the scope of each person, and who serves each place.

    Of a grid those count who are not away; only accounts in use are among them.
    """

    scopes: dict[int, Scope] = field(default_factory=dict)
    grids: dict[int, tuple[int, ...]] = field(default_factory=dict)
    stations: dict[int, tuple[int, ...]] = field(default_factory=dict)
    communities: dict[int, tuple[int, ...]] = field(default_factory=dict)
    subdistricts: dict[int, tuple[int, ...]] = field(default_factory=dict)


@kept("stations_posting", "yuanhang_user")
def posts_of(day):
    """The `Posts` of a day, in one query; kept until a post or an account in use changes."""
    places = ("grid_id", "station_id", "community_id", "subdistrict_id")
    rows = list(
        Posting.objects.current(day)
        .filter(user__is_active=True)
        .order_by("user_id", "pk")
        .values_list("user_id", *places, "absent_from", "absent_until")
    )
    held, serving = defaultdict(list), [defaultdict(dict) for _place in places]
    for user, *keys, absent_from, absent_until in rows:
        held[user].append(keys)
        is_here = absent_until is None or absent_until < day or (absent_from or day) > day
        for people, key in zip(serving, keys, strict=True):
            if key is not None and (is_here or people is not serving[0]):
                people[key][user] = None
    served = ({key: tuple(users) for key, users in people.items()} for people in serving)
    scopes = {user: Scope.of(keys) for user, keys in held.items()}
    return Posts(scopes, *served)


class PostingQuerySet(models.QuerySet):
    def current(self, day=None):
        """Those in force on a day (today by default, local date)."""
        day = day or timezone.localdate()
        return self.filter(Q(start__lte=day) & (Q(end__isnull=True) | Q(end__gte=day)))

    def within(self, start, end):
        """Those in force on a day of a stretch, its last day included."""
        return self.filter(Q(end__isnull=True) | Q(end__gte=start), start__lte=end)

    def ongoing(self):
        """Those in force now or on a later day."""
        return self.filter(Q(end__isnull=True) | Q(end__gte=timezone.localdate()))

    def next_beginning(self, user):
        """The moment at which the next post of a user begins on a later day, or None."""
        later = self.filter(user_id=user.pk, start__gt=timezone.localdate()).order_by("start")
        day = later.values_list("start", flat=True).first()
        return day and timezone.make_aware(datetime.combine(day, time.min))

    def present(self, day=None):
        """Those in force whose holder is active and not away."""
        return self.attended(day).filter(user__is_active=True)

    def attended(self, day=None):
        """Those in force whose holder is not away, whether their account is active or not."""
        day = day or timezone.localdate()
        here = Q(absent_until__isnull=True) | Q(absent_until__lt=day) | Q(absent_from__gt=day)
        return self.current(day).filter(here)

    def scope_of(self, user):
        """The `Scope` of a user's current postings; kept on the user object."""
        if not user.is_authenticated or not user.is_active:
            return Scope()
        cached = getattr(user, "_scope", None)
        if cached is None:
            scopes = posts_of(timezone.localdate()).scopes
            cached = user._scope = scopes.get(user.pk, Scope())
        return cached


class Posting(Timestamped):
    """岗位: a role of a person in one place for a time."""

    class Role(models.TextChoices):
        """Roles and, below, the kind of place each needs."""

        GRID_WORKER = "grid_worker", _("网格员")
        PART_TIME_GRID_WORKER = "part_time_grid_worker", _("兼职网格员")
        STATION_KEEPER = "station_keeper", _("驿站管理员")
        COMMUNITY_STAFF = "community_staff", _("社区工作人员")
        CENTRE_OFFICER = "centre_officer", _("街道综治中心")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="postings", verbose_name=_("人员")
    )
    role = models.CharField(_("岗位"), max_length=24, choices=Role.choices)
    grid = KeptForeignKey(
        Grid, models.PROTECT, related_name="postings", null=True, blank=True, verbose_name=_("网格")
    )
    station = KeptForeignKey(
        Station,
        models.PROTECT,
        related_name="postings",
        null=True,
        blank=True,
        verbose_name=_("驿站"),
    )
    community = KeptForeignKey(
        Community,
        models.PROTECT,
        related_name="postings",
        null=True,
        blank=True,
        verbose_name=_("社区"),
    )
    subdistrict = KeptForeignKey(
        Subdistrict,
        models.PROTECT,
        related_name="postings",
        null=True,
        blank=True,
        verbose_name=_("街道"),
    )
    start = models.DateField(_("开始"), default=timezone.localdate)
    end = models.DateField(_("结束"), null=True, blank=True)
    absent_from = models.DateField(
        _("不在岗从"), null=True, blank=True, help_text=_("空着就是已经不在岗。")
    )
    absent_until = models.DateField(
        _("不在岗到"),
        null=True,
        blank=True,
        help_text=_("请假、生病：到这天为止由社区代办，第二天起照常。"),
    )
    # Given for the time in which the holder of another post is away.
    substitute_for = models.ForeignKey(
        "self",
        models.SET_NULL,
        related_name="substitutes",
        null=True,
        editable=False,
        verbose_name=_("替谁代班"),
    )

    # What the staff of a community give and end; all other posts are an administrator's.
    GRID_ROLES = (Role.GRID_WORKER, Role.PART_TIME_GRID_WORKER)

    objects = PostingQuerySet.as_manager()

    class Meta:
        verbose_name = _("岗位")
        verbose_name_plural = _("岗位")
        indexes = [models.Index(fields=["user", "start"], name="posting_user")]
        constraints = [
            models.CheckConstraint(
                name="posting_ends_after_start",
                condition=Q(end__isnull=True) | Q(end__gte=F("start")),
                violation_error_message=_("结束不能早于开始。"),
            ),
            models.CheckConstraint(
                name="posting_absence_has_an_end",
                condition=Q(absent_from__isnull=True)
                | Q(absent_until__isnull=False, absent_until__gte=F("absent_from")),
                violation_error_message=_("不在岗要写到哪天为止，不能早于从哪天起。"),
            ),
            models.CheckConstraint(
                name="posting_has_its_place",
                condition=Q(
                    role__in=["grid_worker", "part_time_grid_worker"],
                    grid__isnull=False,
                    station__isnull=True,
                    community__isnull=True,
                    subdistrict__isnull=True,
                )
                | Q(
                    role="station_keeper",
                    grid__isnull=True,
                    station__isnull=False,
                    community__isnull=True,
                    subdistrict__isnull=True,
                )
                | Q(
                    role="community_staff",
                    grid__isnull=True,
                    station__isnull=True,
                    community__isnull=False,
                    subdistrict__isnull=True,
                )
                | Q(
                    role="centre_officer",
                    grid__isnull=True,
                    station__isnull=True,
                    community__isnull=True,
                    subdistrict__isnull=False,
                ),
                violation_error_message=_(
                    "岗位和地方对不上：网格员选网格，社区人员选社区，依此类推。"
                ),
            ),
        ]

    def __str__(self):
        return f"{self.get_role_display()} · {self.place}"

    def clean(self):
        # A post that is over may stay with whoever was deactivated, no other.
        is_over = self.end is not None and self.end < timezone.localdate()
        if self.user_id and not is_over and not self.user.is_active:
            raise ValidationError({"user": _("这个账号已经停用，不能再给岗位。")})

    @property
    def place(self):
        """The one place this posting is for."""
        return self.grid or self.station or self.community or self.subdistrict
