"""The case itself."""

import secrets
from datetime import timedelta

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hazards.cases.search_terms import query_words, search_terms
from hazards.cases.states import OPEN_STATES, SIGNS, State
from hazards.catalogue.models import Category, StandardCase, Urgency
from stations.areas.models import Community, Grid, Subdistrict
from stations.postings.access import scope_of
from stations.postings.models import Organisation
from yuanhang.core.models import Located, Timestamped

DESCRIPTION_MAX = 2000
PLACE_MAX = 120
REOPEN_WITHIN = timedelta(days=30)
SEARCH_HITS_BY_KEY = 200  # search results that are fetched by their keys


def make_token():
    """The unguessable part of a receipt's link (192 bits)."""
    return secrets.token_urlsafe(24)


def make_code():
    """Eight digits to read out and type with gloves on; guesses are throttled."""
    return f"{secrets.randbelow(10**8):08d}"


class Rating(models.IntegerChoices):
    """What the reporter says of the end; seen by the grid worker, never counted per person."""

    GOOD = 3, _("满意")
    FAIR = 2, _("一般")
    POOR = 1, _("不满意")


class Normalize(models.Func):
    """A text in one width (NFKC), as `yuanhang.core.text.folded` compares it."""

    function = "NORMALIZE"
    template = "%(function)s(%(expressions)s, NFKC)"
    output_field = models.TextField()


class HazardQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Reporters see theirs; post holders the cases of their grids, community or subdistrict."""
        if not user.is_authenticated:
            return self.none()
        if user.is_superuser:
            return self.all()
        scope = scope_of(user)
        mine = Q(reporter_id=user.pk)
        if not scope:
            return self.filter(mine)
        return self.filter(mine | self._in_scope(scope))

    def in_charge_of(self, user):
        """The cases a post puts before this user; what they reported themselves does not count."""
        if user.is_authenticated and user.is_superuser:
            return self.all()
        scope = scope_of(user)
        return self.filter(self._in_scope(scope)) if scope else self.none()

    @staticmethod
    def _in_scope(scope):
        """One condition per kind of post that is held, so that a single one stays indexable."""
        covered = Q(pk__in=[])
        for field, keys in (
            ("grid_id", scope.grids),
            ("community_id", scope.communities),
            ("subdistrict_id", scope.subdistricts),
        ):
            if len(keys) == 1:
                covered |= Q(**{field: next(iter(keys))})
            elif keys:
                covered |= Q(**{f"{field}__in": sorted(keys)})
        return covered

    def open(self):
        """Not yet at an end."""
        return self.filter(state__in=OPEN_STATES)

    def due_before(self, moment):
        """Cases whose running deadline ends before a moment."""
        held = Q(state__in=[State.ACCEPTED, State.ESCALATED, State.DISPATCHED])
        return self.filter(
            Q(state__in=[State.SUBMITTED, State.NEEDS_INFO], acknowledge_due_at__lte=moment)
            | held & Q(fix_due_at__lte=moment)
            | held & Q(secured_at__isnull=True, secure_due_at__lte=moment)
        )

    def closed_between(self, start, end):
        """Closed in a stretch of time, the end not included."""
        return self.filter(state=State.CLOSED, closed_at__gte=start, closed_at__lt=end)

    def within(self, south, west, north, east):
        """Cases whose point lies in a box of WGS-84 degrees.

        No index of its own: among open cases the ones by scope narrow enough (measured with
        100,000 cases: 5 ms without, 2 ms with), and every write would pay for it.
        """
        return self.filter(latitude__range=(south, north), longitude__range=(west, east))

    def matching(self, words):
        """Cases whose number, place or text has every one of the words; asks once by itself.

        The planner cannot know how rare a word is: it would walk all cases, newest first, for one
        that nobody wrote. So the index is asked first, and where few have the words, it is those.
        """
        asked = query_words(words)
        if asked is None:
            return self.none()
        if not asked:
            return self
        found = self.alias(one_place=Normalize("place"), one_text=Normalize("description"))
        for word in asked:
            terms = search_terms(word)
            # Pairs need no single characters beside them: fewer terms, faster index. A word that
            # is a term itself is answered by the index alone, and its share is well estimated.
            pairs = [term for term in terms if len(term) == 2] or terms
            if pairs:
                found = found.filter(search__contains=pairs)
            if word not in terms:
                found = found.filter(
                    Q(number__icontains=word)
                    | Q(one_place__icontains=word)
                    | Q(one_text__icontains=word)
                )
        few = list(found.order_by().values_list("pk", flat=True)[: SEARCH_HITS_BY_KEY + 1])
        return found if len(few) > SEARCH_HITS_BY_KEY else self.filter(pk__in=few)


class Hazard(Located, Timestamped):
    """隐患上报. Its `state` changes in `hazards.cases.cases` and nowhere else."""

    class Source(models.TextChoices):
        """How the place was told."""

        DEVICE = "device", _("手机定位")
        PIN = "pin", _("地图上点的")
        LANDMARK = "landmark", _("地标")
        GRID = "grid", _("网格")
        WORDS = "words", _("文字")
        NONE = "none", _("没说")

    number = models.CharField(_("编号"), max_length=20, unique=True)
    submission_key = models.UUIDField(_("提交标识"), unique=True, editable=False)
    receipt_token = models.CharField(max_length=40, unique=True, default=make_token, editable=False)
    lookup_code = models.CharField(_("查询码"), max_length=8, default=make_code, editable=False)

    subdistrict = models.ForeignKey(Subdistrict, models.PROTECT, verbose_name=_("街道"))
    community = models.ForeignKey(Community, models.PROTECT, verbose_name=_("社区"))
    grid = models.ForeignKey(Grid, models.PROTECT, null=True, blank=True, verbose_name=_("网格"))

    category = models.ForeignKey(Category, models.PROTECT, verbose_name=_("类别"))
    description = models.TextField(_("描述"), max_length=DESCRIPTION_MAX, blank=True)
    place = models.CharField(_("地点"), max_length=PLACE_MAX, blank=True)
    location_source = models.CharField(
        _("位置来源"), max_length=10, choices=Source.choices, default=Source.NONE
    )

    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("上报人"),
    )
    contact_name = models.CharField(_("联系人"), max_length=60, blank=True)
    contact_phone = models.CharField(_("联系电话"), max_length=20, blank=True)

    state = models.CharField(
        _("状态"), max_length=12, choices=State.choices, default=State.SUBMITTED, editable=False
    )
    urgency = models.PositiveSmallIntegerField(
        _("紧急程度"), choices=Urgency.choices, default=Urgency.NORMAL
    )
    standard_case = models.ForeignKey(
        StandardCase, models.PROTECT, null=True, blank=True, verbose_name=_("立案标准")
    )
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, verbose_name=_("责任单位")
    )
    outside_number = models.CharField(_("外部单号"), max_length=40, blank=True)

    submitted_at = models.DateTimeField(_("上报时间"), default=timezone.now, editable=False)
    waiting_since = models.DateTimeField(_("等待起点"), default=timezone.now, editable=False)
    accepted_at = models.DateTimeField(_("受理时间"), null=True, blank=True, editable=False)
    fixed_at = models.DateTimeField(_("修复时间"), null=True, blank=True, editable=False)
    closed_at = models.DateTimeField(_("办结时间"), null=True, blank=True, editable=False)

    # Two deadlines, never mixed: make the place safe, and repair. Each has a due time and a stamp.
    acknowledge_due_at = models.DateTimeField(_("受理期限"), null=True, editable=False)
    secure_due_at = models.DateTimeField(_("围护期限"), null=True, editable=False)
    fix_due_at = models.DateTimeField(_("修复期限"), null=True, editable=False)
    secured_at = models.DateTimeField(_("围护时间"), null=True, editable=False)
    extensions = models.PositiveSmallIntegerField(_("延期次数"), default=0, editable=False)
    suspended_at = models.DateTimeField(_("挂起时间"), null=True, editable=False)
    suspended_until = models.DateField(_("挂起到"), null=True, editable=False)
    soon_told_at = models.DateTimeField(_("快到期已提醒"), null=True, editable=False)
    overdue_told_at = models.DateTimeField(_("超时已提醒"), null=True, editable=False)

    # Where a move that can be undone came from.
    fixed_from = models.CharField(max_length=12, blank=True, default="", editable=False)
    merged_from = models.CharField(max_length=12, blank=True, default="", editable=False)
    main = models.ForeignKey(
        "self",
        models.PROTECT,
        related_name="merged",
        null=True,
        editable=False,
        verbose_name=_("主案"),
    )
    reopened = models.PositiveSmallIntegerField(_("重开次数"), default=0, editable=False)
    rating = models.PositiveSmallIntegerField(
        _("评价"), choices=Rating.choices, null=True, editable=False
    )
    shares_contact = models.BooleanField(
        _("愿意让维修单位联系"), default=False, help_text=_("不同意时，交办单上没有姓名和电话。")
    )
    handover = models.JSONField(_("交办单"), null=True, editable=False)

    search = ArrayField(models.CharField(max_length=8), default=list, editable=False)

    objects = HazardQuerySet.as_manager()

    class Meta:
        verbose_name = _("隐患上报")
        verbose_name_plural = _("隐患上报")
        ordering = ["-id"]
        constraints = [
            Located.point_constraint("hazard_point"),
            models.CheckConstraint(name="hazard_urgency", condition=Q(urgency__range=(1, 4))),
            models.CheckConstraint(
                name="hazard_accepted_has_standard",
                condition=~Q(state__in=["accepted", "escalated", "dispatched"])
                | Q(standard_case__isnull=False, accepted_at__isnull=False),
            ),
            models.CheckConstraint(
                name="hazard_dispatched_has_organisation",
                condition=~Q(state="dispatched") | Q(organisation__isnull=False),
            ),
            models.CheckConstraint(
                name="hazard_extended_twice_at_most", condition=Q(extensions__lte=2)
            ),
            models.CheckConstraint(
                name="hazard_merged_has_main",
                condition=Q(state="merged", main__isnull=False)
                | (~Q(state="merged") & Q(main__isnull=True)),
            ),
            models.CheckConstraint(name="hazard_not_its_own_main", condition=~Q(main=F("id"))),
            models.CheckConstraint(
                name="hazard_suspended_has_stamps",
                condition=Q(
                    state="suspended", suspended_at__isnull=False, suspended_until__isnull=False
                )
                | (~Q(state="suspended") & Q(suspended_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="hazard_rating", condition=Q(rating__isnull=True) | Q(rating__range=(1, 3))
            ),
            models.CheckConstraint(
                name="hazard_closed_has_time",
                condition=Q(state="closed", closed_at__isnull=False)
                | (~Q(state="closed") & Q(closed_at__isnull=True)),
            ),
        ]
        indexes = [
            # The queue: open cases of one scope, most urgent and longest waiting first.
            *(
                models.Index(
                    fields=[scope, "urgency", "waiting_since", "id"],
                    name=f"hazard_open_{scope}",
                    condition=Q(state__in=[state.value for state in OPEN_STATES]),
                )
                for scope in ("grid", "community", "subdistrict")
            ),
            # Everything of one scope, newest first.
            *(
                models.Index(fields=[scope, "-id"], name=f"hazard_all_{scope}")
                for scope in ("grid", "community", "subdistrict")
            ),
            models.Index(fields=["reporter", "-id"], name="hazard_reporter"),
            GinIndex(fields=["search"], name="hazard_search"),
            # A day or a week of a large scope, which by scope alone is found only by reading it.
            models.Index(fields=["submitted_at"], name="hazard_submitted"),
            # Likely duplicates: one kind, one small box, lately.
            models.Index(
                fields=["category", "latitude", "longitude"], name="hazard_category_place"
            ),
            # What the watch looks for: open deadlines by due time.
            *(
                models.Index(
                    fields=[field],
                    name=f"hazard_{field}",
                    condition=Q(state__in=[state.value for state in OPEN_STATES]),
                )
                for field in ("acknowledge_due_at", "secure_due_at", "fix_due_at")
            ),
            # What was put right in a month, for everybody.
            models.Index(
                fields=["-closed_at", "-id"], name="hazard_closed", condition=Q(state="closed")
            ),
        ]

    def __str__(self):
        return self.number

    def save(self, *args, **kwargs):
        # Keep the search terms beside the texts.
        self.search = search_terms(self.number, self.place, self.description)
        super().save(*args, **kwargs)

    def get_absolute_url(self):
        return reverse("hazards:case", args=[self.number])

    def get_receipt_url(self):
        """The private link of the receipt."""
        return reverse("hazards:receipt", args=[self.receipt_token])

    @property
    def sign(self):
        """Shape and colour of the state."""
        return SIGNS[State(self.state)]

    @property
    def is_open(self):
        """Whether something is still to be done."""
        return self.state in OPEN_STATES

    @property
    def due_at(self):
        """The deadline that runs now, or None while the clock stands still or has ended."""
        if self.state in (State.SUBMITTED, State.NEEDS_INFO):
            return self.acknowledge_due_at
        if self.state in (State.ACCEPTED, State.ESCALATED, State.DISPATCHED):
            if self.secured_at or self.secure_due_at is None or self.fix_due_at is None:
                return self.fix_due_at
            return min(self.secure_due_at, self.fix_due_at)
        return None

    @property
    def is_overdue(self):
        """Whether that deadline has passed."""
        due = self.due_at
        return due is not None and due <= timezone.now()

    @property
    def can_reopen_now(self):
        """Within 30 days of closing; later it is a new case."""
        return self.closed_at is not None and timezone.now() - self.closed_at <= REOPEN_WITHIN

    @property
    def where(self):
        """The place in words, the best there is."""
        if self.place:
            return self.place
        return str(self.grid) if self.grid_id else str(_("位置见照片或语音"))

    @property
    def code_words(self):
        """The lookup code in two groups of four."""
        return f"{self.lookup_code[:4]} {self.lookup_code[4:]}"
