"""求助: what somebody on the road needs now, who goes there, and the files that came with it."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stations.areas.models import Community, Grid
from stations.areas.placed_form import PLACE_MAX
from stations.houses.models import Station
from stations.postings.access import scope_of
from workers.models import Consent
from yuanhang.core.models import NAME_MAX, Located, Photo, Voice

LEASE = timedelta(minutes=30)
WORDS_MAX = 200


class Kind(models.TextChoices):
    """The six seals of the page, and the small wish below them."""

    BROKEN = "broken", _("车坏了")
    BATTERY = "battery", _("没电了")
    STUCK = "stuck", _("陷住了")
    FALLEN = "fallen", _("摔了")
    FROZEN = "frozen", _("冻着了")
    OTHER = "other", _("别的事")
    CABLE = "cable", _("借根充电线")


SEALS = dict(zip(Kind, ("胎", "电", "陷", "摔", "冻", "他", "线"), strict=True))
# A neighbour may lend a hand here. Somebody who is hurt or cold needs a person whose task it is.
FOR_NEIGHBOURS = (Kind.BROKEN, Kind.BATTERY, Kind.STUCK, Kind.CABLE)


class HelpQuerySet(models.QuerySet):
    def unended(self):
        """Those that nobody closed."""
        return self.filter(ended_at=None)

    def kept_by(self, user):
        """Those that a keeper or their next level looks after: by the scope of their posts."""
        if not user.is_authenticated:
            return self.none()
        if user.is_superuser:
            return self.all()
        scope = scope_of(user)
        return self.filter(
            Q(station__in=scope.stations)
            | Q(community__in=scope.communities)
            | Q(level=HelpRequest.Level.CENTRE, community__subdistrict__in=scope.subdistricts)
        )

    def offered_to(self, user):
        """Free ones in the usual grids of a confirmed worker who said yes to being asked.

        Not their own, and none whose asker sent this person away.
        """
        if not user.is_authenticated or not user.is_active:
            return self.none()
        willing = Consent.objects.in_force().filter(
            purpose=Consent.Purpose.HELP_TIMES,
            worker__user=user,
            worker__confirmed_at__isnull=False,
            worker__usual_grids=OuterRef("grid"),
        )
        sent_away = HelpTake.objects.filter(
            request=OuterRef("pk"), helper=user, outcome=HelpTake.Outcome.REFUSED
        )
        rows = self.filter(self.free(), Exists(willing), asks_neighbours=True)
        return rows.exclude(asker=user).exclude(Exists(sent_away))

    def visible_to(self, user):
        """One's own, those one looks after, those on offer, and the one that one is going to."""
        if not user.is_authenticated:
            return self.none()
        going = HelpTake.objects.live().filter(helper=user)
        return self.filter(
            Q(asker=user)
            | Q(pk__in=self.model.objects.kept_by(user).values("pk"))
            | Q(pk__in=self.model.objects.offered_to(user).values("pk"))
            | Q(pk__in=going.values("request"))
        )

    @staticmethod
    def free():
        """The condition "nobody is on the way"; a lease that ran out leaves it free at once."""
        live = HelpTake.objects.live().filter(request=OuterRef("pk"))
        return Q(state=HelpRequest.State.OPEN) | (Q(state=HelpRequest.State.TAKEN) & ~Exists(live))


class HelpRequest(Located):
    """One call for help. The place is kept while it is open; after that only its grid."""

    class State(models.TextChoices):
        """Where it stands; a lease that ran out leads back to open."""

        OPEN = "open", _("等人来")
        TAKEN = "taken", _("有人在路上")
        HELPED = "helped", _("等你点一下")
        CLOSED = "closed", _("结束了")

    class End(models.TextChoices):
        """How it ended."""

        HELPED = "helped", _("办好了")
        NOT_NEEDED = "not_needed", _("不用了")
        KEEPER = "keeper", _("驿站办完了")
        NO_ANSWER = "no_answer", _("问了没人答，先关了")

    class Level(models.TextChoices):
        """Who was told of it at once."""

        KEEPER = "keeper", _("驿站管理员")
        STAFF = "staff", _("社区工作人员")
        CENTRE = "centre", _("街道综治中心")
        NOBODY = "nobody", _("没有人在岗")

    submission_key = models.UUIDField(_("提交标识"), unique=True, editable=False)
    files_digest = models.CharField(max_length=64, blank=True, default="", editable=False)
    # The link of the receipt opens it; only what it is made of by a one-way function is kept.
    receipt_hash = models.CharField(max_length=64, unique=True, editable=False)
    kind = models.CharField(_("怎么了"), max_length=8, choices=Kind.choices)
    state = models.CharField(
        _("状态"), max_length=8, choices=State.choices, default=State.OPEN, editable=False
    )
    level = models.CharField(_("告诉了谁"), max_length=8, choices=Level.choices)
    community = models.ForeignKey(
        Community, models.PROTECT, related_name="help_requests", verbose_name=_("社区")
    )
    grid = models.ForeignKey(
        Grid, models.PROTECT, related_name="help_requests", null=True, verbose_name=_("网格")
    )
    station = models.ForeignKey(
        Station, models.SET_NULL, related_name="help_requests", null=True, verbose_name=_("驿站")
    )
    place = models.CharField(_("地点"), max_length=PLACE_MAX, blank=True)
    location_source = models.CharField(_("位置怎么来的"), max_length=8, default="none")
    words = models.CharField(_("说一句"), max_length=WORDS_MAX, blank=True)
    asker = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        related_name="help_requests",
        null=True,
        verbose_name=_("求助的人"),
    )
    contact_name = models.CharField(_("称呼"), max_length=NAME_MAX, blank=True)
    contact_phone = models.CharField(_("电话"), max_length=20, blank=True)
    asks_neighbours = models.BooleanField(_("也告诉附近的骑手"), default=False)
    lost_files = models.PositiveSmallIntegerField(_("没存下的文件"), default=0)
    # By the phone's clock, where it was kept there until there was a network.
    written_at = models.DateTimeField(_("手机记下"), null=True)
    asked_at = models.DateTimeField(_("收到"), default=timezone.now)
    # 「还要人帮吗」 is asked once; without an answer it is closed at `closes_at`.
    questioned_at = models.DateTimeField(_("问过还要不要"), null=True)
    closes_at = models.DateTimeField(_("几点关"), null=True)
    answer = models.CharField(_("驿站说"), max_length=100, blank=True)
    answered_at = models.DateTimeField(_("驿站几点说的"), null=True)
    ended_at = models.DateTimeField(_("结束时间"), null=True)
    end = models.CharField(_("怎么结束"), max_length=12, choices=End.choices, blank=True)

    objects = HelpQuerySet.as_manager()

    class Meta:
        verbose_name = _("求助")
        verbose_name_plural = _("求助")
        ordering = ["-pk"]
        constraints = [
            Located.point_constraint("help_point"),
            # Whoever is hurt or cold is never put before neighbours.
            models.CheckConstraint(
                name="help_neighbours_only_for_things",
                condition=Q(asks_neighbours=False)
                | Q(kind__in=["broken", "battery", "stuck", "cable"], grid__isnull=False),
            ),
            models.CheckConstraint(
                name="help_end_says_how",
                condition=Q(ended_at__isnull=True, end="")
                | (Q(ended_at__isnull=False, state="closed") & ~Q(end="")),
            ),
            models.CheckConstraint(
                name="help_closed_has_no_place",
                condition=Q(ended_at__isnull=True)
                | Q(latitude__isnull=True, longitude__isnull=True, accuracy__isnull=True, place=""),
            ),
            models.CheckConstraint(
                name="help_answer_has_time", condition=Q(answer="") | Q(answered_at__isnull=False)
            ),
        ]
        indexes = [
            models.Index(
                fields=["asked_at"], name="help_unended", condition=Q(ended_at__isnull=True)
            ),
            models.Index(
                fields=["grid", "-id"], name="help_near", condition=Q(asks_neighbours=True)
            ),
            models.Index(fields=["community", "-id"], name="help_community"),
            models.Index(fields=["station", "-id"], name="help_station"),
            models.Index(fields=["asker", "-id"], name="help_asker"),
            models.Index(fields=["ended_at"], name="help_ended"),
        ]

    def __str__(self):
        return self.title

    @property
    def title(self):
        """「车坏了 · 第六网格」: all that is said of it where others may read."""
        where = self.grid or _("没说在哪个网格")
        return f"{self.get_kind_display()} · {where}"

    @property
    def seal(self):
        """The character that stands for its kind."""
        return SEALS[self.kind]

    @property
    def may_ask_neighbours(self):
        """Whether its kind is one that a neighbour can mend."""
        return self.kind in FOR_NEIGHBOURS

    def get_absolute_url(self):
        return reverse("workers:help-request", args=[self.pk])


class HelpTakeQuerySet(models.QuerySet):
    def live(self):
        """Whose lease runs, whether or not the job has come yet to end the others."""
        return self.filter(ended_at__isnull=True, lease_until__gt=timezone.now())

    def run_out(self):
        """Not ended yet, though their lease is."""
        return self.filter(ended_at__isnull=True, lease_until__lte=timezone.now())


class HelpTake(models.Model):
    """我去: one person on the way, for half an hour."""

    class Outcome(models.TextChoices):
        """How it ended."""

        DONE = "done", _("帮上了")
        RETURNED = "returned", _("去不了了")
        EXPIRED = "expired", _("到时没到")
        REFUSED = "refused", _("对方不用了")
        CLOSED = "closed", _("求助结束了")

    request = models.ForeignKey(
        HelpRequest, models.CASCADE, related_name="takes", verbose_name=_("求助")
    )
    helper = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="help_takes",
        verbose_name=_("谁去"),
    )
    as_keeper = models.BooleanField(_("按岗位去"), default=False)
    taken_at = models.DateTimeField(_("几点说去"), default=timezone.now)
    lease_until = models.DateTimeField(_("等到几点"))
    ended_at = models.DateTimeField(_("结束时间"), null=True)
    outcome = models.CharField(_("结果"), max_length=10, choices=Outcome.choices, blank=True)

    objects = HelpTakeQuerySet.as_manager()

    class Meta:
        verbose_name = _("去帮忙")
        verbose_name_plural = _("去帮忙")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["request"], name="help_one_helper", condition=Q(ended_at__isnull=True)
            ),
            # A keeper may look after several; a neighbour is on the way to one.
            models.UniqueConstraint(
                fields=["helper"],
                name="helper_one_request",
                condition=Q(ended_at__isnull=True, as_keeper=False),
            ),
            models.CheckConstraint(
                name="help_take_end_has_outcome",
                condition=Q(ended_at__isnull=True, outcome="")
                | (Q(ended_at__isnull=False) & ~Q(outcome="")),
            ),
            models.CheckConstraint(
                name="help_lease_runs_forward", condition=Q(lease_until__gt=F("taken_at"))
            ),
        ]
        indexes = [
            models.Index(
                fields=["lease_until"], name="help_leases", condition=Q(ended_at__isnull=True)
            ),
            models.Index(fields=["helper", "-id"], name="help_of_helper"),
        ]

    def __str__(self):
        return f"{self.request_id} #{self.pk}"

    @property
    def is_live(self):
        """Whether the lease runs: then, and only then, place, voice and words show."""
        return self.ended_at is None and self.lease_until > timezone.now()


class HelpPhoto(Photo):
    """A photo that came with a request."""

    request = models.ForeignKey(HelpRequest, models.CASCADE, related_name="photos")

    class Meta:
        verbose_name = _("求助照片")
        verbose_name_plural = _("求助照片")
        ordering = ["pk"]

    def __str__(self):
        return f"{self.request_id} #{self.pk}"


class HelpVoice(Voice):
    """A voice note that came with a request."""

    request = models.ForeignKey(HelpRequest, models.CASCADE, related_name="voices")

    class Meta:
        verbose_name = _("求助语音")
        verbose_name_plural = _("求助语音")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="help_voice_is_converted_or_original",
                condition=(Q(original="", is_unreadable=False) & ~Q(audio=""))
                | (Q(audio="") & ~Q(original="")),
            ),
        ]
        indexes = [
            models.Index(
                fields=["created_at"],
                name="help_voice_to_convert",
                condition=~Q(original="") & Q(is_unreadable=False),
            )
        ]

    def __str__(self):
        return f"{self.request_id} #{self.pk}"
