"""What people at the door say is wrong: a fault for each thing, a tap for each who said so."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stations.houses.models import Facility, Station
from yuanhang.core.models import Photo


class FacilityFaultQuerySet(models.QuerySet):
    def standing(self):
        """Those that nobody ended yet."""
        return self.filter(ended_at=None)


class FacilityFault(models.Model):
    """Something does not work, or the door is locked; taps of the same thing join one fault."""

    class Kind(models.TextChoices):
        """In the words of who stands before it; the first belongs to the door itself."""

        LOCKED = "locked", _("门锁着")
        NO_HEAT = "no_heat", _("没暖气")
        GONE = "gone", _("已经没有了")
        EMPTY = "empty", _("没水了")
        BROKEN = "broken", _("坏了")

    class End(models.TextChoices):
        """How it ended."""

        REPAIRED = "repaired", _("好了")
        NOT_SO = "not_so", _("看过了，没这回事")
        TAKEN_BACK = "taken_back", _("点的人收回了")
        LAPSED = "lapsed", _("很久没人再说，先不算了")

    # What concerns the whole house; the others belong to one thing in it.
    OF_THE_HOUSE = (Kind.LOCKED, Kind.NO_HEAT, Kind.GONE)
    # Only when two people say so are keepers told: one thumb must not send anybody out.
    TOLD_BY_TWO = (Kind.LOCKED, Kind.GONE)

    station = models.ForeignKey(
        Station, models.CASCADE, related_name="faults", verbose_name=_("驿站")
    )
    facility = models.ForeignKey(
        Facility, models.CASCADE, null=True, related_name="faults", verbose_name=_("设施")
    )
    kind = models.CharField(_("怎么了"), max_length=8, choices=Kind.choices)
    first_at = models.DateTimeField(_("最早"), default=timezone.now)
    last_at = models.DateTimeField(_("最近"), default=timezone.now)
    told_at = models.DateTimeField(_("告诉过管理员"), null=True)
    answer = models.CharField(_("答复"), max_length=100, blank=True)
    answered_at = models.DateTimeField(_("答复时间"), null=True)
    answered_as = models.CharField(_("谁答复"), max_length=24, blank=True)
    ended_at = models.DateTimeField(_("结束时间"), null=True)
    end = models.CharField(_("怎么结束"), max_length=12, choices=End.choices, blank=True)

    objects = FacilityFaultQuerySet.as_manager()

    class Meta:
        verbose_name = _("设施问题")
        verbose_name_plural = _("设施问题")
        ordering = ["-last_at", "-pk"]
        constraints = [
            # The taps of one thing join: there is one fault of a kind at a time.
            models.UniqueConstraint(
                fields=["station", "facility", "kind"],
                name="fault_stands_once",
                condition=Q(ended_at__isnull=True),
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="fault_of_house_or_thing",
                condition=Q(kind__in=["locked", "no_heat", "gone"], facility__isnull=True)
                | Q(kind__in=["empty", "broken"], facility__isnull=False),
            ),
            models.CheckConstraint(
                name="fault_ended_says_how",
                condition=(Q(ended_at__isnull=True) & Q(end=""))
                | (Q(ended_at__isnull=False) & ~Q(end="")),
            ),
            models.CheckConstraint(
                name="fault_last_after_first", condition=Q(last_at__gte=F("first_at"))
            ),
        ]
        indexes = [
            models.Index(fields=["station", "-ended_at"], name="fault_ended"),
            models.Index(
                fields=["last_at"], name="fault_stands", condition=Q(ended_at__isnull=True)
            ),
        ]

    def __str__(self):
        if self.facility_id:
            return f"{self.facility} {self.get_kind_display()}"
        return str(_("屋里没暖气") if self.kind == self.Kind.NO_HEAT else self.get_kind_display())

    @classmethod
    def kinds_of(cls, station):
        """What may be said of a whole house; a station of ours does not vanish."""
        kinds = list(cls.OF_THE_HOUSE)
        if station.kind == Station.Kind.STATION:
            kinds.remove(cls.Kind.GONE)
        return kinds


class FaultTapQuerySet(models.QuerySet):
    def counting(self):
        """Those that their people did not take back."""
        return self.filter(taken_back_at=None)

    def of(self, user, device):
        """What a person said, with an account or from this device."""
        mine = Q(device=device) if device else Q(pk=None)
        return self.filter(mine | Q(user=user)) if user.is_authenticated else self.filter(mine)


class FaultTap(models.Model):
    """One person's tap. Without an account only the device that tapped reads the answer.

    `device` and `address` are digests, good for telling two apart and for nothing else; neither
    leads back to a phone or a network, and the address goes after a day.
    """

    fault = models.ForeignKey(
        FacilityFault, models.CASCADE, related_name="taps", verbose_name=_("问题")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("谁")
    )
    device = models.CharField(_("设备"), max_length=64)
    address = models.CharField(_("网络"), max_length=64, blank=True)
    words = models.CharField(_("补一句"), max_length=100, blank=True)
    at = models.DateTimeField(_("时间"), default=timezone.now)
    taken_back_at = models.DateTimeField(_("收回时间"), null=True)
    hidden_at = models.DateTimeField(_("隐藏时间"), null=True)

    objects = FaultTapQuerySet.as_manager()

    class Meta:
        verbose_name = _("点了一下")
        verbose_name_plural = _("点了一下")
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["fault", "device"],
                name="fault_tap_once",
                condition=Q(taken_back_at__isnull=True),
            )
        ]
        indexes = [
            models.Index(fields=["device", "-at"], name="fault_tap_device"),
            models.Index(fields=["user", "-at"], name="fault_tap_user"),
            models.Index(fields=["at"], name="fault_tap_at"),
        ]

    def __str__(self):
        return f"{self.fault}（{self.at:%H:%M}）"


class TapPhoto(Photo):
    """What somebody saw at the door; for whoever keeps the station, and nobody else."""

    tap = models.OneToOneField(
        FaultTap, models.CASCADE, related_name="photo", verbose_name=_("点了一下")
    )

    class Meta:
        verbose_name = _("现场照片")
        verbose_name_plural = _("现场照片")

    def __str__(self):
        return f"{self.tap_id}"
