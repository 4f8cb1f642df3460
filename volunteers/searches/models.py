"""寻人: somebody is missing. What the page shows of a person lives 14 days at most."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stations.areas.models import Community, Grid
from stations.postings.access import scope_of
from workers.access import worker_of
from yuanhang.core.models import Located, Photo, Timestamped
from yuanhang.core.words import full_moment

LONGEST = timedelta(days=14)
# A day is left for the job that erases, so that it may fail a while and still be in time.
LASTS = LONGEST - timedelta(days=1)


class SearchQuerySet(models.QuerySet):
    def managed_by(self, user):
        """Those of the communities a member of staff serves."""
        if not user.is_authenticated:
            return self.none()
        if user.is_superuser:
            return self.all()
        return self.filter(community__in=scope_of(user).communities)

    def visible_to(self, user):
        """For the people of the community alone: registered or serving there."""
        worker = worker_of(user)
        own = Q(community=worker.community_id) if worker else Q(pk__in=[])
        return self._serving_or(user, own)

    def in_full_for(self, user):
        """Where this person may see photo, name and last place, and say where they looked.

        Anybody can register a number within a minute; whom staff confirmed, they have met.
        """
        worker = worker_of(user)
        is_known = worker is not None and worker.is_confirmed
        return self._serving_or(
            user, Q(community=worker.community_id) if is_known else Q(pk__in=[])
        )

    def _serving_or(self, user, own):
        """Searches of the places where the user serves, and those that meet a condition."""
        if not user.is_authenticated:
            return self.none()
        if user.is_superuser:
            return self.all()
        scope = scope_of(user)
        places = Community.objects.filter(
            Q(pk__in=scope.communities)
            | Q(grids__in=scope.grids)
            | Q(stations__in=scope.stations)
            | Q(subdistrict__in=scope.subdistricts)
        )
        return self.filter(Q(community__in=places.values("pk")) | own)

    def running(self):
        """People are looking."""
        return self.filter(ended_at__isnull=True, ends_at__gt=timezone.now())

    @staticmethod
    def over_by(now):
        """The condition "ended, or at the end of its time, and not erased yet"."""
        over = Q(ended_at__lte=now) | Q(ends_at__lte=now)
        return over & Q(erased_at__isnull=True)


class SearchNotice(Timestamped, Located):
    """寻人: activated by staff, seen in the community, then erased but for its dates."""

    community = models.ForeignKey(
        Community, models.PROTECT, related_name="searches", verbose_name=_("社区")
    )
    name = models.CharField(_("怎么称呼"), max_length=40)
    text = models.TextField(
        _("样子"),
        max_length=1000,
        blank=True,
        help_text=_("衣着、身高、带着什么。别写病情和住址。"),
    )
    last_seen_place = models.CharField(_("最后在哪儿见到"), max_length=120)
    last_seen_at = models.DateTimeField(_("最后什么时候见到"), null=True)
    activated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        related_name="+",
        null=True,
        editable=False,
        verbose_name=_("启动人"),
    )
    activated_at = models.DateTimeField(_("启动"), default=timezone.now, editable=False)
    ends_at = models.DateTimeField(_("最晚到"), editable=False)
    found_at = models.DateTimeField(_("找到"), null=True, blank=True, editable=False)
    ended_at = models.DateTimeField(_("结束"), null=True, blank=True, editable=False)
    erased_at = models.DateTimeField(_("删掉"), null=True, blank=True, editable=False)

    objects = SearchQuerySet.as_manager()

    class Meta:
        verbose_name = _("寻人")
        verbose_name_plural = _("寻人")
        ordering = ["-pk"]
        constraints = [
            Located.point_constraint("search_point"),
            models.CheckConstraint(
                name="search_ends_within_14_days",
                condition=Q(ends_at__gt=F("activated_at"))
                & Q(ends_at__lte=F("activated_at") + LONGEST),
            ),
            models.CheckConstraint(
                name="search_ended_before_erased",
                condition=Q(ended_at__isnull=False)
                | Q(found_at__isnull=True, erased_at__isnull=True),
            ),
            models.CheckConstraint(
                name="search_erased_to_the_last_word",
                condition=Q(erased_at__isnull=True)
                | Q(
                    name="",
                    text="",
                    last_seen_place="",
                    last_seen_at__isnull=True,
                    latitude__isnull=True,
                ),
            ),
        ]
        indexes = [
            models.Index(
                fields=["ends_at"], name="search_to_erase", condition=Q(erased_at__isnull=True)
            ),
            models.Index(fields=["community", "-id"], name="search_community"),
        ]

    def __str__(self):
        # Without the name: the admin's history and messages keep what is said here.
        return f"{_('寻人')} #{self.pk}"

    def get_absolute_url(self):
        return reverse("volunteers:search", args=[self.pk])

    @property
    def text_for_others(self):
        """What the person looks like, for those who may not know the name."""
        return self.text.replace(self.name, str(_("这位"))) if self.name else self.text

    def area(self):
        """Roughly where: the grid of the last place where it is on the map, else the community."""
        grid = None
        if self.has_point:
            grid = self.community.grids.containing(self.latitude, self.longitude)
        return grid or self.community

    @property
    def is_running(self):
        """Whether people are still looking; afterwards nothing of the person is shown."""
        return self.ended_at is None and timezone.now() < self.ends_at


class SearchPhoto(Photo):
    """The missing person's photo; private, and gone with the search."""

    notice = models.OneToOneField(
        SearchNotice, models.CASCADE, related_name="photo", verbose_name=_("寻人")
    )

    class Meta:
        verbose_name = _("寻人照片")
        verbose_name_plural = _("寻人照片")

    def __str__(self):
        return f"#{self.notice_id}"


class SearchedArea(models.Model):
    """「这片看过了」: who looked where is needed while the search runs, and deleted with it."""

    notice = models.ForeignKey(
        SearchNotice, models.CASCADE, related_name="areas", verbose_name=_("寻人")
    )
    grid = models.ForeignKey(Grid, models.CASCADE, related_name="+", verbose_name=_("网格"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        related_name="+",
        null=True,
        verbose_name=_("谁"),
    )
    at = models.DateTimeField(_("时间"), default=timezone.now)

    class Meta:
        verbose_name = _("看过的网格")
        verbose_name_plural = _("看过的网格")
        ordering = ["-at"]
        indexes = [models.Index(fields=["notice", "grid", "-at"], name="searched_latest")]

    def __str__(self):
        return f"#{self.notice_id} {full_moment(self.at)}"
