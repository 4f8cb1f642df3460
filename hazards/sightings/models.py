"""What passers-by say of a case."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hazards.cases.models.hazards import Hazard


class Sighting(models.Model):
    """One person's word on one phase of a case: still there, or gone.

    A phase is "open" or "after closing", anew with each reopening, so a person may speak once of
    each. Whose word it was is known to the database only, to keep it one word a person; no page
    and no figure shows it. When the account goes, the word stays and the person does not.
    """

    class Says(models.TextChoices):
        """The two buttons."""

        STILL = "still", _("还在")
        GONE = "gone", _("已修好")

    # The unique constraint's index begins with the hazard and serves every query on it.
    hazard = models.ForeignKey(
        Hazard, models.CASCADE, related_name="sightings", db_index=False, verbose_name=_("隐患")
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        related_name="+",
        null=True,
        verbose_name=_("路过的人"),
    )
    reopened = models.PositiveSmallIntegerField(_("第几次重开"))
    after_closing = models.BooleanField(_("办结以后"))
    says = models.CharField(_("说"), max_length=5, choices=Says.choices)
    at = models.DateTimeField(_("时间"), default=timezone.now)

    class Meta:
        verbose_name = _("路过确认")
        verbose_name_plural = _("路过确认")
        constraints = [
            models.UniqueConstraint(
                fields=["hazard", "reopened", "after_closing", "by"], name="sighting_one_voice"
            ),
            models.CheckConstraint(name="sighting_says", condition=Q(says__in=["still", "gone"])),
        ]

    def __str__(self):
        return f"{self.hazard_id} {self.says}"
