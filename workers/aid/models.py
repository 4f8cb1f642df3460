"""综合救助: a confidential request. What was asked, and by whom, is sealed; see `sealing`."""

import secrets

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stations.areas.models import Community
from stations.postings.models import Organisation
from workers.aid import sealing

TEXT_MAX = 2000
# Read out and written on paper: no 0/O, 1/I/L, and no vowels that make words.
ALPHABET = "23456789BCDFGHJKMNPQRSTVWXZ"


def make_number():
    """A number that says nothing: no date, no place, no order."""
    return "J-" + "".join(secrets.choice(ALPHABET) for _n in range(6))


class AidDesk(models.Model):
    """Who is asked in a community: one person by name, and a deputy."""

    community = models.OneToOneField(
        Community, models.CASCADE, related_name="aid_desk", verbose_name=_("社区")
    )
    handler = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("负责人"),
        help_text=_("只有负责人和替班看得到内容，别人看不到，管理员也看不到。"),
    )
    deputy = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("替班"),
    )

    class Meta:
        verbose_name = _("救助负责人")
        verbose_name_plural = _("救助负责人")
        constraints = [
            models.CheckConstraint(
                name="aid_desk_two_people",
                condition=Q(handler__isnull=True)
                | Q(deputy__isnull=True)
                | ~Q(handler=F("deputy")),
                violation_error_message=_("负责人和替班要是两个人。"),
            )
        ]

    def __str__(self):
        return str(self.community)


class AidRequestQuerySet(models.QuerySet):
    """Requests by whoever may read them."""

    def asked_by(self, user):
        """Those of a person, found by a mark that only the keys of the settings make."""
        return self.filter(asker_mark__in=sealing.marks_of(user.pk))

    def handled_by(self, user):
        """Those that this person reads: as the handler or as the deputy, and nobody else."""
        return self.filter(Q(handler=user) | Q(deputy=user))

    def open(self):
        """Not done yet."""
        return self.filter(ended_at=None)


class AidRequest(models.Model):
    """One request: a number, a stage and a day for others; the rest is sealed."""

    class Stage(models.TextChoices):
        """How far it is."""

        ASKED = "asked", _("收到了")
        IN_HAND = "in_hand", _("在办")
        REFERRING = "referring", _("等你同意转介")
        REFERRED = "referred", _("已转介")
        DONE = "done", _("办完了")

    number = models.CharField(_("编号"), max_length=12, unique=True, default=make_number)
    community = models.ForeignKey(
        Community, models.PROTECT, related_name="+", verbose_name=_("社区")
    )
    stage = models.CharField(
        _("阶段"), max_length=10, choices=Stage.choices, default=Stage.ASKED, editable=False
    )
    # Who, what, and the consent; {"asker", "text", "reach", "notice", "agreed_at"}.
    sealed = models.TextField(editable=False)
    asker_mark = models.CharField(max_length=64, db_index=True, editable=False)
    handler = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("负责人"),
    )
    deputy = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("替班"),
    )
    # Days, not moments: a log of visits must not tell whose it is.
    asked_on = models.DateField(_("哪天提的"), default=timezone.localdate, editable=False)
    moved_on = models.DateField(_("哪天动的"), default=timezone.localdate, editable=False)
    ended_at = models.DateTimeField(_("哪天办完"), null=True, editable=False)
    # Whom something waits for that was not read.
    news_for_asker = models.BooleanField(default=False, editable=False)
    news_for_handler = models.BooleanField(default=True, editable=False)
    referred_to = models.ForeignKey(
        Organisation,
        models.SET_NULL,
        null=True,
        related_name="+",
        editable=False,
        verbose_name=_("转介给"),
    )

    objects = AidRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("救助")
        verbose_name_plural = _("救助")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["community", "-id"], name="aid_of_community"),
            models.Index(fields=["ended_at"], name="aid_ended"),
            # Whose page says that there is news: few among those that ended long ago.
            models.Index(fields=["asker_mark"], name="aid_news", condition=Q(news_for_asker=True)),
        ]
        constraints = [
            models.CheckConstraint(
                name="aid_done_has_its_time",
                condition=Q(stage="done", ended_at__isnull=False)
                | (~Q(stage="done") & Q(ended_at__isnull=True)),
            ),
        ]

    def __str__(self):
        return self.number


class AidNote(models.Model):
    """A line between the two of them, sealed."""

    request = models.ForeignKey(
        AidRequest, models.CASCADE, related_name="notes", verbose_name=_("救助")
    )
    sealed = models.TextField(editable=False)
    from_handler = models.BooleanField(_("负责人写的"), default=False)
    on = models.DateField(_("哪天"), default=timezone.localdate)

    class Meta:
        verbose_name = _("救助来往")
        verbose_name_plural = _("救助来往")
        ordering = ["pk"]

    def __str__(self):
        return f"{self.request_id}"
