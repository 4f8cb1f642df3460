"""Where the camera of a reporter's photo says that it was, until they say whether that is it."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hazards.cases.models.hazards import Hazard


class PhotoPlace(models.Model):
    """A point in WGS-84 that nobody has confirmed: no part of the case, and erased within a day."""

    hazard = models.OneToOneField(
        Hazard, models.CASCADE, related_name="photo_place", verbose_name=_("隐患")
    )
    latitude = models.FloatField(_("纬度"))
    longitude = models.FloatField(_("经度"))
    at = models.DateTimeField(_("时间"), default=timezone.now)

    class Meta:
        verbose_name = _("照片里的位置")
        verbose_name_plural = _("照片里的位置")
        indexes = [models.Index(fields=["at"], name="photo_place_at")]
        constraints = [
            models.CheckConstraint(
                name="photo_place_on_earth",
                condition=Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
            )
        ]

    def __str__(self):
        return str(self.hazard_id)
