"""Activities of every kind, and their sessions."""

from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from volunteers.activities.models.activities import SIGNED_UP, Activity
from yuanhang.core.models import Timestamped
from yuanhang.core.words import full_moment

SESSION_HOURS_MAX = 24
PLACES_MAX = 2000


class ActivitySessionQuerySet(models.QuerySet):
    def coming(self):
        """Not over yet."""
        now = timezone.now()
        # No session is longer than a day, so the index on the start finds them.
        recent = now - timedelta(hours=SESSION_HOURS_MAX)
        return self.filter(ends_at__gt=now, starts_at__gt=recent)

    def visible_to(self, user):
        """Those of the activities that were announced to this person."""
        return self.filter(activity__in=Activity.objects.visible_to(user))

    def attended_by(self, user):
        """Coming ones for which this person is signed up, or in the line, soonest first."""
        rows = self.coming().filter(signups__user=user, signups__state__in=SIGNED_UP)
        return rows.select_related("activity").order_by("starts_at", "pk")

    def listed_for(self, user):
        """What the list shows, soonest first: no drafts; what is confidential not to everybody."""
        rows = self.coming().visible_to(user)
        rows = rows.exclude(activity__state__in=[Activity.State.DRAFT, Activity.State.FINISHED])
        if not user.is_authenticated:
            rows = rows.filter(activity__is_confidential=False)
        return rows.select_related("activity").order_by("starts_at", "pk")

    def unsettled(self):
        """Nobody wrote down yet who took part, though the activity was held."""
        held = ("published", "closed", "finished")
        return self.filter(settled_at__isnull=True, activity__state__in=held)


class ActivitySession(Timestamped):
    """场次: one time to be there, with its places.

    `taken` counts the confirmed and the held places, `offered` the latter of them, about which
    somebody is being asked; the workflow keeps both under the row's lock. `ceiling` is what the
    database refuses to pass: the maximum, or what was taken already when the maximum was lowered,
    because nobody confirmed is thrown out.
    """

    activity = models.ForeignKey(
        Activity, models.CASCADE, related_name="sessions", verbose_name=_("活动")
    )
    starts_at = models.DateTimeField(_("开始"))
    ends_at = models.DateTimeField(_("结束"))
    minimum = models.PositiveSmallIntegerField(_("最少几人"), default=1)
    maximum = models.PositiveSmallIntegerField(_("最多几人"))
    leader = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        related_name="led_sessions",
        null=True,
        blank=True,
        verbose_name=_("负责人"),
    )
    taken = models.PositiveSmallIntegerField(_("已占"), default=0, editable=False)
    offered = models.PositiveSmallIntegerField(_("正在问的名额"), default=0, editable=False)
    ceiling = models.PositiveSmallIntegerField(_("上限"), editable=False)
    reminded_at = models.DateTimeField(_("提醒时间"), null=True, blank=True, editable=False)
    part = models.PositiveSmallIntegerField(_("第几讲"), default=1, help_text=_("课程分几讲时填。"))
    # Who took part was written down; by the system when nobody touched it.
    settled_at = models.DateTimeField(_("记录时间"), null=True, blank=True, editable=False)
    settled_by_itself = models.BooleanField(_("自动记录"), default=False, editable=False)

    objects = ActivitySessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("场次")
        verbose_name_plural = _("场次")
        ordering = ["starts_at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="session_ends_after_start",
                condition=Q(ends_at__gt=F("starts_at")),
                violation_error_message=_("结束要晚于开始。"),
            ),
            models.CheckConstraint(
                name="session_places_make_sense",
                condition=Q(minimum__gte=1, maximum__gte=F("minimum"), maximum__lte=PLACES_MAX),
                violation_error_message=_("最多人数不能少于最少人数。"),
            ),
            models.CheckConstraint(
                name="session_never_overbooked",
                condition=Q(taken__lte=F("ceiling"), ceiling__gte=F("maximum")),
            ),
            models.CheckConstraint(
                name="session_offers_are_taken", condition=Q(offered__lte=F("taken"))
            ),
            models.CheckConstraint(name="session_part_counts_from_one", condition=Q(part__gte=1)),
            models.CheckConstraint(
                name="session_settled_after_its_end",
                condition=Q(settled_at__isnull=True) | Q(settled_at__gte=F("ends_at")),
            ),
        ]
        indexes = [
            models.Index(fields=["starts_at", "id"], name="session_by_day"),
            models.Index(fields=["leader", "-starts_at"], name="session_of_leader"),
            models.Index(
                fields=["ends_at"], name="session_unsettled", condition=Q(settled_at__isnull=True)
            ),
        ]

    def __str__(self):
        return f"{self.activity} {full_moment(self.starts_at)}"

    def get_absolute_url(self):
        # Where it stands on its activity's page.
        return f"{self.activity.get_absolute_url()}#session-{self.pk}"

    def told_url(self):
        """As its activity's."""
        activity = self.activity
        return activity.told_url() if activity.is_confidential else self.get_absolute_url()

    def save(self, *args, **kwargs):
        # A new session's ceiling is its maximum.
        if self.ceiling is None:
            self.ceiling = self.maximum
        super().save(*args, **kwargs)

    def clean(self):
        # No session of several days: each day is a session of its own. No part beyond the last.
        if self.starts_at and self.ends_at:
            hours = (self.ends_at - self.starts_at).total_seconds() / 3600
            if hours > SESSION_HOURS_MAX:
                raise ValidationError({"ends_at": _("一场不能超过一天，每天各设一场。")})
        course = self.activity.course if self.activity_id else None
        if self.part > (course.parts if course else 1):
            raise ValidationError({"part": _("这门课没有这一讲。")})

    def edit_obstacle(self, starts_at):
        """Why it may not be changed to start at `starts_at`, in words, or None.

        An announced one that is over is a fact. Moved back behind now it would count as held at
        once, and give minutes to everybody; a draft's was never held and may be moved anywhere.
        """
        if self.activity.state == Activity.State.DRAFT:
            return None
        if self.is_over:
            return _("这一场已经结束，不能再改。")
        # Forms send whole minutes.
        if starts_at < min(self.starts_at.replace(second=0, microsecond=0), timezone.now()):
            return _("这个开始时间已经过去了，看看日期写对没有。")
        return None

    def copied(self, activity: Activity, later: timedelta) -> "ActivitySession":
        """A session like this one of an activity, so much later; not stored."""
        return ActivitySession(
            activity=activity,
            starts_at=self.starts_at + later,
            ends_at=self.ends_at + later,
            minimum=self.minimum,
            maximum=self.maximum,
            # Who led this one may have been deactivated since.
            leader=self.leader if self.leader and self.leader.is_active else None,
            part=self.part,
        )

    def get_roster_url(self):
        """The list of who comes, and who came."""
        return reverse("volunteers:roster", args=[self.pk])

    @property
    def left(self):
        """Places that nobody holds."""
        return max(self.maximum - self.taken, 0)

    @property
    def confirmed(self):
        """People who come, as far as they said."""
        return self.taken - self.offered

    @property
    def minutes(self):
        return int((self.ends_at - self.starts_at).total_seconds() // 60)

    @property
    def has_started(self):
        return self.starts_at <= timezone.now()

    @property
    def is_over(self):
        return self.ends_at <= timezone.now()
