"""Errands on the way: ten to twenty minutes of help, claimed with a lease."""

from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, When
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stations.areas.models import Community, Grid, Subdistrict
from stations.postings.access import scope_of
from yuanhang.core.infix import infix_index
from yuanhang.core.models import NAME_MAX, Timestamped

LEASE = timedelta(minutes=30)
SEALS = {"medicine": "药", "extinguisher": "消", "visit": "访", "other": "帮"}
PRIVATE = ("person_name", "address", "phone", "note")


class ErrandQuerySet(models.QuerySet):
    def managed_by(self, user):
        """Those of the communities a member of staff serves."""
        if not user.is_authenticated:
            return self.none()
        if user.is_superuser:
            return self.all()
        return self.filter(community__in=scope_of(user).communities)

    def visible_to(self, user):
        """Open ones of the subdistrict one is registered in, and those one took on."""
        if not user.is_authenticated:
            return self.none()
        if user.is_superuser:
            return self.all()
        taken = ErrandClaim.objects.filter(helper=user)
        staff = Q(community__in=scope_of(user).communities)
        free_here = self.free() & self.around(user)
        return self.filter(staff | free_here | Q(pk__in=taken.values("errand")))

    @staticmethod
    def around(user):
        """The condition "in the subdistrict one is registered in"."""
        here = Subdistrict.objects.filter(communities__workers__user=user)
        return Q(community__subdistrict__in=here.values("pk"))

    @staticmethod
    def free():
        """The condition "nobody has it in hand"; a lease that ran out leaves it free at once."""
        live = ErrandClaim.objects.live().filter(errand=OuterRef("pk"))
        return Q(state=Errand.State.OPEN) | (Q(state=Errand.State.CLAIMED) & ~Exists(live))

    def on_offer(self):
        """Free to be taken, and not past their day."""
        return self.filter(self.free(), due_on__gte=timezone.localdate())

    def listed_for(self, user, *, usual):
        """On offer, those in the `usual` grids (primary keys) first, then by grid.

        Leaves out what waits for its usual helper, who alone could take it. No index holds an
        order that is each person's own; the days ahead keep the rows to be sorted few.
        """
        waits = Q(reserved_until__gt=timezone.now()) & ~Q(preferred=user)
        is_usual = Case(When(grid__in=usual, then=0), default=1)
        rows = self.visible_to(user).on_offer().exclude(waits).annotate(elsewhere=is_usual)
        return rows.select_related("grid__community").order_by("elsewhere", "grid_id", "pk")


class Errand(Timestamped):
    """顺路任务. For whom, where exactly and the phone are the helper's, during the lease."""

    class Kind(models.TextChoices):
        """What there is to do."""

        MEDICINE = "medicine", _("送药")
        EXTINGUISHER = "extinguisher", _("看看灭火器")
        VISIT = "visit", _("上门看看")
        OTHER = "other", _("别的小事")

    class State(models.TextChoices):
        """Where it stands; a lease that ran out leads back to open."""

        OPEN = "open", _("等人接")
        CLAIMED = "claimed", _("有人在办")
        DONE = "done", _("办好了，待确认")
        CONFIRMED = "confirmed", _("已确认")
        CANCELLED = "cancelled", _("已取消")

    community = models.ForeignKey(
        Community, models.PROTECT, related_name="errands", verbose_name=_("社区")
    )
    grid = models.ForeignKey(Grid, models.PROTECT, related_name="errands", verbose_name=_("网格"))
    kind = models.CharField(_("类型"), max_length=12, choices=Kind.choices)
    state = models.CharField(
        _("状态"), max_length=10, choices=State.choices, default=State.OPEN, editable=False
    )
    title = models.CharField(
        _("做什么"), max_length=40, help_text=_("大家都看得到：不写人、不写门牌。")
    )
    near = models.CharField(_("大概在哪"), max_length=40, help_text=_("写路口或地标，不写门牌。"))
    minutes = models.PositiveSmallIntegerField(_("大约几分钟"), default=15)
    due_on = models.DateField(_("哪天以前"), default=timezone.localdate)
    person_name = models.CharField(_("找谁"), max_length=NAME_MAX, blank=True)
    address = models.CharField(_("详细地址"), max_length=120, blank=True)
    phone = models.CharField(_("电话"), max_length=20, blank=True)
    note = models.CharField(
        _("交代一句"), max_length=200, blank=True, help_text=_("不写病情，不写证件号。")
    )
    repeats_weekly = models.BooleanField(_("每周一次"), default=False)
    preferred = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("常去的人"),
    )
    reserved_until = models.DateTimeField(
        _("先问常去的人到"), null=True, blank=True, editable=False
    )
    has_next = models.BooleanField(_("下周的已生成"), default=False, editable=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", null=True, editable=False
    )
    ended_at = models.DateTimeField(_("结束时间"), null=True, blank=True, editable=False)
    erased_at = models.DateTimeField(_("信息抹去时间"), null=True, blank=True, editable=False)

    objects = ErrandQuerySet.as_manager()

    class Meta:
        verbose_name = _("顺路任务")
        verbose_name_plural = _("顺路任务")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="errand_is_short",
                condition=Q(minutes__gte=5, minutes__lte=60),
                violation_error_message=_("顺路任务 5 到 60 分钟，更长的做成活动。"),
            ),
            models.CheckConstraint(
                name="errand_ended_has_time",
                condition=Q(state__in=["confirmed", "cancelled"], ended_at__isnull=False)
                | (~Q(state__in=["confirmed", "cancelled"]) & Q(ended_at__isnull=True)),
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_on"],
                name="errand_on_offer",
                condition=Q(state__in=["open", "claimed"]),
            ),
            models.Index(fields=["community", "state", "-id"], name="errand_community"),
            infix_index("title", "errand_title_part"),
            models.Index(
                fields=["ended_at"], name="errand_to_erase", condition=Q(erased_at__isnull=True)
            ),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("volunteers:errand", args=[self.pk])

    @property
    def seal(self):
        """The character that stands for its kind."""
        return SEALS[self.kind]

    def asks_first(self, user):
        """Until when its usual helper alone may take it, or None when this person may."""
        waits = self.reserved_until and self.reserved_until > timezone.now()
        return self.reserved_until if waits and self.preferred_id != user.pk else None

    def clean(self):
        # The grid is one of the community's.
        if self.grid_id and self.community_id and self.grid.community_id != self.community_id:
            raise ValidationError({"grid": _("这个网格不在这个社区。")})


class ErrandClaimQuerySet(models.QuerySet):
    def live(self):
        """Whose lease runs, whether or not the job has come yet to end the others."""
        return self.filter(ended_at__isnull=True, lease_until__gt=timezone.now())

    def run_out(self, now=None):
        """Not ended yet, though their lease is."""
        return self.filter(ended_at__isnull=True, lease_until__lte=now or timezone.now())


class ErrandClaim(models.Model):
    """One person's time with an errand."""

    class Outcome(models.TextChoices):
        """How it ended."""

        DONE = "done", _("办好了")
        RETURNED = "returned", _("还回来了")
        EXPIRED = "expired", _("到时没办")
        CANCELLED = "cancelled", _("取消了")

    errand = models.ForeignKey(
        Errand, models.CASCADE, related_name="claims", verbose_name=_("顺路任务")
    )
    helper = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="errand_claims",
        verbose_name=_("谁接的"),
    )
    claimed_at = models.DateTimeField(_("接下时间"), default=timezone.now)
    lease_until = models.DateTimeField(_("办到几点"))
    is_extended = models.BooleanField(_("延过一次"), default=False)
    ended_at = models.DateTimeField(_("结束时间"), null=True, blank=True)
    outcome = models.CharField(_("结果"), max_length=10, choices=Outcome.choices, blank=True)
    note = models.CharField(_("说一句"), max_length=200, blank=True)
    confirmed_at = models.DateTimeField(_("确认时间"), null=True, blank=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", null=True, blank=True
    )

    objects = ErrandClaimQuerySet.as_manager()

    class Meta:
        verbose_name = _("接任务")
        verbose_name_plural = _("接任务")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["errand"], name="errand_one_helper", condition=Q(ended_at__isnull=True)
            ),
            models.UniqueConstraint(
                fields=["helper"], name="helper_one_errand", condition=Q(ended_at__isnull=True)
            ),
            models.CheckConstraint(
                name="errand_claim_end_has_outcome",
                condition=Q(ended_at__isnull=True, outcome="")
                | (Q(ended_at__isnull=False) & ~Q(outcome="")),
            ),
            models.CheckConstraint(
                name="errand_lease_runs_forward", condition=Q(lease_until__gt=F("claimed_at"))
            ),
        ]
        indexes = [
            models.Index(
                fields=["lease_until"], name="errand_leases", condition=Q(ended_at__isnull=True)
            ),
            models.Index(fields=["helper", "-id"], name="errand_of_helper"),
        ]

    def __str__(self):
        return f"{self.errand_id} #{self.pk}"

    @property
    def is_live(self):
        """Whether the lease runs: then, and only then, the address shows."""
        return self.ended_at is None and self.lease_until > timezone.now()
