"""Who comes: sign-ups with their line, and pledges."""

import secrets

from django.conf import settings
from django.db import models
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stations.postings.access import scope_of
from volunteers.activities.models.activities import Activity
from volunteers.activities.models.sessions import ActivitySession


def make_pair_code():
    """The unguessable part of an invitation to come along (96 bits)."""
    return secrets.token_urlsafe(12)


class SignUpQuerySet(models.QuerySet):
    def with_place_in_line(self):
        """Each with `ahead`: how many wait in front of it."""
        before = Q(queued_at__lt=OuterRef("queued_at")) | Q(
            queued_at=OuterRef("queued_at"), pk__lt=OuterRef("pk")
        )
        line = SignUp.objects.filter(before, session=OuterRef("session"), state="waiting")
        counted = line.order_by().values("session").annotate(n=Count("pk")).values("n")
        return self.annotate(ahead=Coalesce(Subquery(counted), 0))

    def visible_to(self, user):
        """A person's own; the session's leader and the community's staff see who comes.

        To a confidential activity only the organiser sees who comes.
        """
        if not user.is_authenticated:
            return self.none()
        own = Q(user=user)
        open_ones = Q(session__activity__is_confidential=False)
        if user.is_superuser:
            return self.filter(own | Q(session__activity__organiser=user) | open_ones)
        staff = Q(session__activity__community__in=scope_of(user).communities)
        organiser = Q(session__activity__organiser=user) & staff  # while the post lasts
        leader = Q(session__leader=user)
        return self.filter(own | organiser | (open_ones & (staff | leader)))

    def active(self):
        """Neither cancelled nor lapsed."""
        return self.filter(state__in=ACTIVE)

    def holding(self):
        """Those who hold a place: confirmed, or asked to confirm."""
        return self.filter(state__in=HOLDING)

    def confirmed(self):
        """Those who come."""
        return self.filter(state=SignUp.State.CONFIRMED)

    def overlapping(self, session):
        """For other sessions that are on while this one is, and were not called off."""
        rows = self.filter(
            session__starts_at__lt=session.ends_at, session__ends_at__gt=session.starts_at
        )
        return rows.exclude(session=session).exclude(session__activity__state="cancelled")

    def waiting(self):
        """The line, first come first."""
        return self.filter(state=SignUp.State.WAITING).order_by("queued_at", "pk")


class SignUp(models.Model):
    """报名: one person's place, or place in the line, for one session."""

    class State(models.TextChoices):
        """PAIRING waits for the other one of a pair and holds nothing."""

        PAIRING = "pairing", _("等同伴加入")
        WAITING = "waiting", _("候补")
        OFFERED = "offered", _("有名额，待确认")
        CONFIRMED = "confirmed", _("已确认")
        CANCELLED = "cancelled", _("已取消")
        LAPSED = "lapsed", _("过时未确认")

    session = models.ForeignKey(
        ActivitySession, models.PROTECT, related_name="signups", verbose_name=_("场次")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="signups", verbose_name=_("人员")
    )
    state = models.CharField(_("状态"), max_length=10, choices=State.choices)
    made_at = models.DateTimeField(_("报名时间"), default=timezone.now, editable=False)
    queued_at = models.DateTimeField(_("排队时间"), default=timezone.now, editable=False)
    # Both of a pair carry the same code; empty: alone.
    pair = models.CharField(_("结伴"), max_length=20, blank=True)
    offered_at = models.DateTimeField(_("递补时间"), null=True, blank=True, editable=False)
    offered_until = models.DateTimeField(_("确认期限"), null=True, blank=True, editable=False)
    # Quiet hours put the telling off, not the offer.
    tell_at = models.DateTimeField(_("告知时间"), null=True, blank=True, editable=False)
    ended_at = models.DateTimeField(_("退出时间"), null=True, blank=True, editable=False)

    objects = SignUpQuerySet.as_manager()

    class Meta:
        verbose_name = _("报名")
        verbose_name_plural = _("报名")
        ordering = ["queued_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "user"],
                name="signup_once",
                condition=Q(state__in=["pairing", "waiting", "offered", "confirmed"]),
            ),
            models.CheckConstraint(
                name="signup_offer_has_its_end",
                condition=Q(state="offered", offered_at__isnull=False, offered_until__isnull=False)
                | (~Q(state="offered") & Q(offered_until__isnull=True, tell_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="signup_end_has_time",
                condition=Q(state__in=["cancelled", "lapsed"], ended_at__isnull=False)
                | (~Q(state__in=["cancelled", "lapsed"]) & Q(ended_at__isnull=True)),
            ),
        ]
        indexes = [
            models.Index(fields=["session", "state", "queued_at"], name="signup_line"),
            models.Index(fields=["user", "-id"], name="signup_of_user"),
            models.Index(
                fields=["offered_until"], name="signup_offers", condition=Q(state="offered")
            ),
            models.Index(
                fields=["tell_at"], name="signup_to_tell", condition=Q(tell_at__isnull=False)
            ),
            models.Index(fields=["pair"], name="signup_pair", condition=~Q(pair="")),
        ]

    def __str__(self):
        return f"{self.session_id} #{self.pk}"

    @property
    def is_active(self):
        """Neither cancelled nor lapsed."""
        return self.state in ACTIVE


ACTIVE = (
    SignUp.State.PAIRING,
    SignUp.State.WAITING,
    SignUp.State.OFFERED,
    SignUp.State.CONFIRMED,
)
HOLDING = (SignUp.State.OFFERED, SignUp.State.CONFIRMED)


class Pledge(models.Model):
    """认捐: what a person promised to bring or give; one row a person, changed at will."""

    activity = models.ForeignKey(
        Activity, models.PROTECT, related_name="pledges", verbose_name=_("活动")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="pledges", verbose_name=_("人员")
    )
    quantity = models.PositiveSmallIntegerField(_("数量"))
    made_at = models.DateTimeField(_("时间"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("认捐")
        verbose_name_plural = _("认捐")
        constraints = [
            models.UniqueConstraint(fields=["activity", "user"], name="pledge_once"),
            models.CheckConstraint(
                name="pledge_is_something", condition=Q(quantity__gte=1, quantity__lte=999)
            ),
        ]

    def __str__(self):
        return f"{self.activity_id} #{self.pk}"
