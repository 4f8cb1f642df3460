"""The slip (接力单) that goes along with a dispatch: a link, and a code told by telephone."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hazards.cases.models.hazards import Hazard
from hazards.slips import keys
from stations.postings.models import Organisation


class SlipQuerySet(models.QuerySet):
    """Slips by what their link says, and by whether they still lead anywhere."""

    def live(self):
        """Those whose dispatch has not ended and which nobody stopped."""
        return self.filter(ended_at=None)

    def of_key(self, key):
        """The slip of a link's key, ended or not; at most one."""
        return self.filter(key_digest=keys.digest(key))


class Slip(models.Model):
    """One dispatch's way in for a foreman without an account.

    Key and code follow from `seed` and the site's secret: the sheet can print the link again, and
    whoever reads the database alone opens nothing. It holds nothing of a person.
    """

    hazard = models.ForeignKey(
        Hazard, models.CASCADE, related_name="slips", db_index=False, verbose_name=_("隐患")
    )
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", verbose_name=_("责任单位")
    )
    seed = models.CharField(max_length=32, default=keys.make_seed, editable=False)
    key_digest = models.CharField(max_length=64, unique=True, editable=False)
    code_round = models.PositiveSmallIntegerField(_("第几个口令"), default=1)
    made_at = models.DateTimeField(_("发出"), default=timezone.now)
    ended_at = models.DateTimeField(_("停用"), null=True, blank=True)

    objects = SlipQuerySet.as_manager()

    class Meta:
        verbose_name = _("接力单")
        verbose_name_plural = _("接力单")
        indexes = [models.Index(fields=["hazard", "-id"], name="slip_of_hazard")]
        constraints = [
            models.UniqueConstraint(
                fields=["hazard"], name="slip_one_live", condition=Q(ended_at=None)
            ),
        ]

    def __str__(self):
        return f"{self.hazard} · {self.organisation}"

    def save(self, *args, **kwargs):
        if self._state.adding:
            self.key_digest = keys.digest(keys.key_of(self.seed))
        super().save(*args, **kwargs)

    def get_absolute_url(self):
        """The foreman's page."""
        return reverse("slips:slip", args=[self.key or "-"])

    @property
    def key(self):
        """The link's key; empty where the site's secret has changed since: then a new one helps."""
        key = keys.key_of(self.seed)
        return key if keys.digest(key) == self.key_digest else ""

    @property
    def code(self):
        """The six digits that the officer reads to the unit on the telephone."""
        return keys.code_of(self.seed, self.code_round)

    @property
    def code_words(self):
        """The code in two groups of three."""
        return f"{self.code[:3]} {self.code[3:]}"

    @property
    def link(self):
        """The whole address, for a chat and for paper."""
        return f"{settings.SITE_URL}{self.get_absolute_url()}"
