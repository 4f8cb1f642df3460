"""招工: work that partner units offer. Of whoever asks for it nothing is kept here."""

from datetime import datetime, time, timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stations.areas.models import Community
from stations.postings.models import Organisation
from yuanhang.core.kept_rows import KeptForeignKey
from yuanhang.core.models import Timestamped


class JobOfferQuerySet(models.QuerySet):
    def current(self, now: datetime | None = None) -> "JobOfferQuerySet":
        """Those whose last day is not over: they vanish by themselves."""
        return self.filter(ends_at__gt=now or timezone.now())


class JobOffer(Timestamped):
    """A unit looks for people: what, for how much, whom to ask, until when."""

    community = KeptForeignKey(
        Community, models.CASCADE, related_name="job_offers", verbose_name=_("社区")
    )
    organisation = models.ForeignKey(
        Organisation, models.CASCADE, related_name="job_offers", verbose_name=_("共建单位")
    )
    title = models.CharField(_("招什么"), max_length=60)
    pay = models.CharField(_("给多少"), max_length=60, help_text=_("如：每月 4000–5000 元。"))
    contact = models.CharField(
        _("找谁问"),
        max_length=80,
        help_text=_("单位的电话或地址，谁都看得到；别写个人手机。"),
    )
    until = models.DateField(_("到哪天为止"))
    # The end of that day, by the local clock.
    ends_at = models.DateTimeField(editable=False)

    objects = JobOfferQuerySet.as_manager()

    class Meta:
        verbose_name = _("招工信息")
        verbose_name_plural = _("招工信息")
        ordering = ["until", "pk"]
        indexes = [models.Index(fields=["ends_at", "id"], name="job_offer_ends")]

    def __str__(self):
        return self.title

    @property
    def end_of_last_day(self) -> datetime:
        """The midnight that ends `until`."""
        return timezone.make_aware(datetime.combine(self.until + timedelta(days=1), time()))
