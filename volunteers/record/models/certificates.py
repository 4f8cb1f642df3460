"""服务证明: asked for, issued, checked by anybody, revoked, superseded."""

import secrets

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stations.areas.models import Community
from stations.postings.access import scope_of

# Read from paper and typed: no 0/O, 1/I/L.
CODE_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"


def make_check_code():
    """Eight letters (40 bits): without it a number, which anybody can count up, tells nothing."""
    return "".join(secrets.choice(CODE_LETTERS) for _ in range(8))


class CertificateQuerySet(models.QuerySet):
    def visible_to(self, user):
        """In full: to its owner and the issuing community's staff, while it says whose it is."""
        named = self.filter(holder__isnull=False)
        if not user.is_authenticated:
            return self.none()
        if user.is_superuser:
            return named
        mine = Q(holder__user=user)
        return named.filter(mine | Q(community__in=scope_of(user).communities))


class Certificate(models.Model):
    """What everybody with the check code may know; frozen at issue but for its validity."""

    class State(models.TextChoices):
        """Revoked by staff, or replaced by a newer one of the same period."""

        VALID = "valid", _("有效")
        SUPERSEDED = "superseded", _("已换新")
        REVOKED = "revoked", _("已作废")

    number = models.CharField(_("编号"), max_length=16, unique=True)
    code = models.CharField(_("校验码"), max_length=8, default=make_check_code)
    state = models.CharField(
        _("状态"), max_length=10, choices=State.choices, default=State.VALID, editable=False
    )
    community = models.ForeignKey(
        Community, models.PROTECT, related_name="certificates", verbose_name=_("出具单位")
    )
    start = models.DateField(_("从"))
    end = models.DateField(_("到"))
    minutes = models.PositiveIntegerField(_("分钟"))
    person_in_charge = models.CharField(_("负责人"), max_length=30)
    handler = models.CharField(_("经办人"), max_length=60)
    contact = models.CharField(_("联系电话"), max_length=20)
    remarks = models.CharField(_("备注"), max_length=100, blank=True)
    issued_at = models.DateTimeField(_("出具时间"), default=timezone.now)
    ended_at = models.DateTimeField(_("失效时间"), null=True, blank=True)
    end_reason = models.CharField(_("作废原因"), max_length=200, blank=True)
    superseded_by = models.ForeignKey(
        "self",
        models.PROTECT,
        related_name="supersedes",
        null=True,
        blank=True,
        verbose_name=_("新证明"),
    )

    objects = CertificateQuerySet.as_manager()

    class Meta:
        verbose_name = _("服务证明")
        verbose_name_plural = _("服务证明")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="certificate_of_a_period", condition=Q(end__gte=F("start"), minutes__gt=0)
            ),
            models.CheckConstraint(
                name="certificate_state_says_why",
                condition=Q(
                    state="valid", ended_at__isnull=True, end_reason="", superseded_by__isnull=True
                )
                | Q(
                    state="superseded",
                    ended_at__isnull=False,
                    end_reason="",
                    superseded_by__isnull=False,
                )
                | (
                    Q(state="revoked", ended_at__isnull=False, superseded_by__isnull=True)
                    & ~Q(end_reason="")
                ),
            ),
        ]
        indexes = [models.Index(fields=["community", "-id"], name="certificate_community")]

    def __str__(self):
        return self.number

    def get_absolute_url(self):
        # The sheet, for its owner and staff.
        return reverse("volunteers:certificate-print", args=[self.number])

    def get_check_url(self):
        """Where anybody who holds the paper can check it."""
        return f"{reverse('volunteers:certificate', args=[self.number])}?code={self.code}"


class CertificateHolder(models.Model):
    """Whose a certificate is, and what for. Goes with the account; number and hours stay."""

    certificate = models.OneToOneField(
        Certificate, models.CASCADE, related_name="holder", verbose_name=_("证明")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="certificate_holdings",
        verbose_name=_("人员"),
    )
    name = models.CharField(_("姓名"), max_length=60)
    volunteer_number = models.CharField(_("志愿者编号"), max_length=16)
    # [content, times, minutes] each, longest first.
    lines = models.JSONField(_("服务内容"))

    class Meta:
        verbose_name = _("证明持有人")
        verbose_name_plural = _("证明持有人")
        indexes = [models.Index(fields=["user", "-id"], name="certificate_of_user")]

    def __str__(self):
        return f"{self.certificate_id}"


class CertificateRequestQuerySet(models.QuerySet):
    def visible_to(self, user):
        """One's own, and for staff those to their community."""
        if not user.is_authenticated:
            return self.none()
        if user.is_superuser:
            return self.all()
        return self.filter(Q(user=user) | Q(community__in=scope_of(user).communities))

    def waiting(self):
        return self.filter(answered_at__isnull=True)


class CertificateRequest(models.Model):
    """One tap: a certificate for a period, please."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="certificate_requests",
        verbose_name=_("人员"),
    )
    community = models.ForeignKey(
        Community, models.PROTECT, related_name="certificate_requests", verbose_name=_("社区")
    )
    start = models.DateField(_("从"))
    end = models.DateField(_("到"))
    asked_at = models.DateTimeField(_("申请时间"), default=timezone.now)
    answered_at = models.DateTimeField(_("答复时间"), null=True, blank=True)
    certificate = models.OneToOneField(
        Certificate, models.PROTECT, related_name="request", null=True, blank=True
    )
    refusal = models.CharField(_("不开的原因"), max_length=200, blank=True)

    objects = CertificateRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("证明申请")
        verbose_name_plural = _("证明申请")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "community"],
                name="certificate_asked_once",
                condition=Q(answered_at__isnull=True),
            ),
            models.CheckConstraint(
                name="certificate_request_answered",
                condition=Q(answered_at__isnull=True, certificate__isnull=True, refusal="")
                | Q(answered_at__isnull=False, certificate__isnull=False, refusal="")
                | (Q(answered_at__isnull=False, certificate__isnull=True) & ~Q(refusal="")),
            ),
            models.CheckConstraint(
                name="certificate_request_of_a_period", condition=Q(end__gte=F("start"))
            ),
        ]
        indexes = [
            models.Index(
                fields=["community", "id"],
                name="certificate_asked",
                condition=Q(answered_at__isnull=True),
            )
        ]

    def __str__(self):
        return f"#{self.pk}"
