"""Teams: who belongs together, and since when."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stations.areas.models import Community
from stations.postings.access import scope_of
from yuanhang.core.models import Timestamped


class TeamQuerySet(models.QuerySet):
    def managed_by(self, user):
        """Those of the communities a member of staff serves."""
        if not user.is_authenticated:
            return self.none()
        if user.is_superuser:
            return self.all()
        return self.filter(community__in=scope_of(user).communities)

    def visible_to(self, user):
        """Teams in use; also those a person belongs to or runs, so that they can leave them."""
        if not user.is_authenticated:
            return self.filter(is_active=True)
        if user.is_superuser:
            return self.all()
        own = Membership.objects.filter(user=user, left_at__isnull=True).values("team")
        return self.filter(
            Q(is_active=True) | Q(community__in=scope_of(user).communities) | Q(pk__in=own)
        )


class Team(Timestamped):
    """队伍: a vanguard team (先锋队伍, of party members) or a volunteer team (志愿服务队)."""

    class Kind(models.TextChoices):
        """Belonging to a vanguard team reveals party membership, which is sensitive."""

        VANGUARD = "vanguard", _("先锋队伍")
        VOLUNTEER = "volunteer", _("志愿服务队")

    community = models.ForeignKey(
        Community, models.PROTECT, related_name="teams", verbose_name=_("社区")
    )
    name = models.CharField(_("名称"), max_length=40)
    kind = models.CharField(_("类型"), max_length=10, choices=Kind.choices)
    text = models.TextField(_("介绍"), max_length=1000, blank=True)
    is_active = models.BooleanField(_("在用"), default=True)

    objects = TeamQuerySet.as_manager()

    class Meta:
        verbose_name = _("队伍")
        verbose_name_plural = _("队伍")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["community", "name"], name="team_once")]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("volunteers:team", args=[self.pk])

    @property
    def is_sensitive(self):
        """Whether belonging to it tells of somebody's party membership."""
        return self.kind == self.Kind.VANGUARD


class MembershipQuerySet(models.QuerySet):
    def current(self):
        """Accepted, and not left."""
        return self.filter(joined_at__isnull=False, left_at__isnull=True)

    def asked(self):
        """Waiting for the leader's answer."""
        return self.filter(joined_at__isnull=True, left_at__isnull=True)

    def managed_by(self, user):
        """Those in the teams a member of staff runs; who left is nobody's business any more."""
        teams = Team.objects.managed_by(user).values("pk")
        return self.filter(team__in=teams, left_at__isnull=True)


class Membership(models.Model):
    """A person's time in a team, from asking to leaving."""

    team = models.ForeignKey(
        Team, models.CASCADE, related_name="memberships", verbose_name=_("队伍")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="memberships",
        verbose_name=_("人员"),
    )
    is_leader = models.BooleanField(_("队长"), default=False)
    # The member's own word; without it nobody but leader and staff learns of the membership.
    is_shown = models.BooleanField(_("同意公开"), default=False)
    asked_at = models.DateTimeField(_("申请时间"), default=timezone.now)
    joined_at = models.DateTimeField(_("加入时间"), null=True, blank=True)
    left_at = models.DateTimeField(_("离开时间"), null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("队员")
        verbose_name_plural = _("队员")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["team", "user"],
                name="member_once",
                condition=Q(left_at__isnull=True),
            ),
            models.UniqueConstraint(
                fields=["team"],
                name="team_has_one_leader",
                condition=Q(is_leader=True, left_at__isnull=True),
            ),
            models.CheckConstraint(
                name="leader_is_a_member", condition=Q(is_leader=False) | Q(joined_at__isnull=False)
            ),
            models.CheckConstraint(
                name="member_leaves_after_asking",
                condition=Q(left_at__isnull=True) | Q(left_at__gte=F("asked_at")),
            ),
        ]
        indexes = [
            models.Index(
                fields=["user"], name="membership_of_user", condition=Q(left_at__isnull=True)
            )
        ]

    def __str__(self):
        return f"{self.team_id} #{self.pk}"
