"""What the property has: its link, what was typed wrong at it, and where somebody was refused."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stations.estates.models import Estate


class PropertyLink(models.Model):
    """The property's way in: the digest of a random key, and a code that is told separately.

    `version` counts the renewals: a browser that entered with an older code is out.
    """

    estate = models.OneToOneField(
        Estate, models.CASCADE, related_name="property_link", verbose_name=_("小区")
    )
    digest = models.CharField(_("链接指纹"), max_length=64, unique=True)
    code = models.CharField(_("六位码"), max_length=6)
    version = models.PositiveIntegerField(_("第几次"), default=1)
    made_at = models.DateTimeField(_("给出时间"), default=timezone.now)

    class Meta:
        verbose_name = _("物业链接")
        verbose_name_plural = _("物业链接")

    def __str__(self):
        return str(self.estate)


class WrongCode(models.Model):
    """A wrong code from a device, which is a digest: it pauses that device and no other."""

    link = models.ForeignKey(
        PropertyLink, models.CASCADE, related_name="wrong_codes", verbose_name=_("物业链接")
    )
    device = models.CharField(_("设备"), max_length=64)
    at = models.DateTimeField(_("时间"), default=timezone.now)

    class Meta:
        verbose_name = _("输错的码")
        verbose_name_plural = _("输错的码")
        indexes = [
            models.Index(fields=["link", "device", "at"], name="wrong_code_device"),
            models.Index(fields=["at"], name="wrong_code_at"),
        ]

    def __str__(self):
        return str(self.link)


class GateRefusal(models.Model):
    """Somebody was refused at a gate: which and when, for the property alone to read; not who."""

    estate = models.ForeignKey(
        Estate, models.CASCADE, related_name="refusals", verbose_name=_("小区")
    )
    gate = models.CharField(_("哪个门"), max_length=12, blank=True)
    at = models.DateTimeField(_("时间"), default=timezone.now)

    class Meta:
        verbose_name = _("进不去的一次")
        verbose_name_plural = _("进不去的一次")
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["estate", "-at"], name="gate_refusal_estate"),
            models.Index(fields=["at"], name="gate_refusal_at"),
        ]

    def __str__(self):
        return self.gate or str(_("别的门"))
