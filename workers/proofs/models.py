"""当场证明: a rider who stopped to help says so at once; staff confirm it later, or do not."""

import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stations.areas.models import Community, Grid
from stations.postings.access import scope_of
from yuanhang.core.models import NAME_MAX

# Read from paper and typed: no 0/O, 1/I/L.
NUMBER_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
NUMBER_LENGTH = 10  # 49 bits: whoever has no paper finds nobody's page


def make_number():
    """A number that nobody can count up."""
    return "".join(secrets.choice(NUMBER_LETTERS) for _ in range(NUMBER_LENGTH))


class What(models.TextChoices):
    """What the rider stopped for."""

    ACCIDENT = "accident", _("车祸")
    FIRE = "fire", _("起火")
    ELDER = "elder", _("找老人")
    CASE = "case", _("隐患")
    DUTY = "duty", _("活动值勤")
    OTHER = "other", _("别的事")


SEALS = dict(zip(What, ("祸", "火", "老", "患", "勤", "他"), strict=True))


class ProofQuerySet(models.QuerySet):
    def managed_by(self, user):
        """Those of the communities a member of staff serves."""
        if not user.is_authenticated:
            return self.none()
        if user.is_superuser:
            return self.all()
        return self.filter(community__in=scope_of(user).communities)

    def visible_to(self, user):
        """In the rider's own way: with the buttons of whose it is."""
        return self.filter(rider=user) if user.is_authenticated else self.none()

    def waiting(self):
        """Those that staff have not looked at."""
        return self.filter(state=Proof.State.REGISTERED)


class Proof(models.Model):
    """What everybody with the number may read; it promises nothing."""

    class State(models.TextChoices):
        """Said by the rider alone, or by the community as well."""

        REGISTERED = "registered", _("已登记，待社区核实")
        CONFIRMED = "confirmed", _("社区已核实")
        DECLINED = "declined", _("社区没有核实")

    class Against(models.TextChoices):
        """What staff compared it with: never the phone's clock alone."""

        RECEIVED = "received", _("和网站收到的时间对得上")
        WITNESS = "witness", _("在场的人或单位说的")

    number = models.CharField(_("编号"), max_length=16, unique=True, default=make_number)
    submission_key = models.UUIDField(_("提交标识"), unique=True, editable=False)
    state = models.CharField(
        _("状态"), max_length=10, choices=State.choices, default=State.REGISTERED, editable=False
    )
    rider = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="proofs", verbose_name=_("谁")
    )
    community = models.ForeignKey(
        Community, models.PROTECT, related_name="proofs", verbose_name=_("社区")
    )
    grid = models.ForeignKey(
        Grid, models.PROTECT, related_name="proofs", null=True, verbose_name=_("网格")
    )
    what = models.CharField(_("在帮什么"), max_length=10, choices=What.choices)
    # A case or an activity by its number or name, as text: rooms above this one hold them.
    reference = models.CharField(_("隐患编号或活动"), max_length=40, blank=True)
    shown_name = models.CharField(_("写上的称呼"), max_length=NAME_MAX, blank=True)
    shown_digits = models.CharField(_("写上的手机尾号"), max_length=4, blank=True)
    shown_platform = models.CharField(_("写上的平台"), max_length=30, blank=True)
    # By the phone's clock, where it was kept there until there was a network.
    written_at = models.DateTimeField(_("手机记下"), null=True)
    received_at = models.DateTimeField(_("网站收到"), default=timezone.now)
    looked_at = models.DateTimeField(_("核实时间"), null=True)
    looked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    against = models.CharField(_("怎么核实的"), max_length=10, choices=Against.choices, blank=True)
    confirmed_case = models.CharField(_("对应的隐患编号"), max_length=40, blank=True)
    confirmed_unit = models.CharField(_("说的单位"), max_length=60, blank=True)

    objects = ProofQuerySet.as_manager()

    class Meta:
        verbose_name = _("当场证明")
        verbose_name_plural = _("当场证明")
        ordering = ["-pk"]
        constraints = [
            # Else nobody could tell whose it is.
            models.CheckConstraint(
                name="proof_shows_whose", condition=~Q(shown_name="") | ~Q(shown_digits="")
            ),
            models.CheckConstraint(
                name="proof_confirmed_says_by_what",
                condition=~Q(state="confirmed")
                | (~Q(against="") & (~Q(confirmed_case="") | ~Q(confirmed_unit=""))),
            ),
            models.CheckConstraint(
                name="proof_looked_at_has_time",
                condition=Q(state="registered", looked_at__isnull=True)
                | (~Q(state="registered") & Q(looked_at__isnull=False)),
            ),
        ]
        indexes = [
            models.Index(
                fields=["community", "-id"],
                name="proof_waiting",
                condition=Q(state="registered"),
            ),
            models.Index(fields=["rider", "-id"], name="proof_rider"),
            models.Index(fields=["received_at"], name="proof_received"),
        ]

    def __str__(self):
        return self.number

    def get_absolute_url(self):
        """The public check page."""
        return reverse("workers:proof", args=[self.number])

    @property
    def seal(self):
        """The character that stands for what it was."""
        return SEALS[self.what]

    @property
    def whose(self):
        """「骑手甲 · 美团」, 「尾号 0001 · 美团」: as the rider chose."""
        digits = _("尾号 %(n)s") % {"n": self.shown_digits} if self.shown_digits else ""
        return " · ".join(filter(None, [self.shown_name, str(digits), self.shown_platform]))

    def get_own_url(self):
        """The rider's own, with the QR code."""
        return reverse("workers:proof-receipt", args=[self.number])
