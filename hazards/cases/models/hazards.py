"""The case itself."""

import secrets
from datetime import timedelta
from functools import lru_cache

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Case, F, Q, When
from django.db.models.functions import Least
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from hazards.cases.models.indexes import INDEXES
from hazards.cases.models.querysets import HazardQuerySet
from hazards.cases.search_terms import search_terms
from hazards.cases.states import OPEN_STATES, REOPENABLE_STATES, SIGNS, State
from hazards.catalogue.models import Category, EndReason, StandardCase, Symptom, Urgency
from stations.areas.models import Community, Grid, Subdistrict
from stations.postings.models import Organisation
from yuanhang.core.kept_rows import KeptForeignKey
from yuanhang.core.models import Located, Timestamped
from yuanhang.core.receipts import make_token

DESCRIPTION_MAX = 2000
PLACE_MAX = 120
REOPEN_WITHIN = timedelta(days=30)
UNREJECT_WITHIN = timedelta(days=7)
# So long a question waits for its reporter before the reviewer is asked to decide without it.
DECIDE_AFTER = timedelta(days=7)


def make_code():
    """Eight digits to read out and type with gloves on; guesses are throttled."""
    return f"{secrets.randbelow(10**8):08d}"


class Rating(models.IntegerChoices):
    """What the reporter says of the end; seen by the grid worker, never counted per person."""

    GOOD = 3, _("满意")
    FAIR = 2, _("一般")
    POOR = 1, _("不满意")


# `Hazard.due_at` for the database: LEAST passes over what is not there.
RUNNING_DEADLINE = Case(
    When(state=State.SUBMITTED, then=F("acknowledge_due_at")),
    When(
        state__in=[State.ACCEPTED, State.ESCALATED, State.DISPATCHED],
        then=Least(Case(When(secured_at=None, then=F("secure_due_at"))), F("fix_due_at")),
    ),
)


# A map asks for the addresses of hundreds.
@lru_cache(2000)
def _page_of(number):
    return reverse("hazards:case", args=[number])


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
    # Of the files that came with the report, as they were sent: a part of what the key stands for.
    files_digest = models.CharField(max_length=64, blank=True, default="", editable=False)
    receipt_token = models.CharField(max_length=40, unique=True, default=make_token, editable=False)
    lookup_code = models.CharField(_("查询码"), max_length=8, default=make_code, editable=False)

    # Whatever begins an index of several columns needs none of its own (models/indexes.py).
    subdistrict = KeptForeignKey(
        Subdistrict, models.PROTECT, db_index=False, verbose_name=_("街道")
    )
    community = KeptForeignKey(Community, models.PROTECT, db_index=False, verbose_name=_("社区"))
    grid = KeptForeignKey(
        Grid, models.PROTECT, db_index=False, null=True, blank=True, verbose_name=_("网格")
    )

    category = KeptForeignKey(Category, models.PROTECT, db_index=False, verbose_name=_("类别"))
    symptom = KeptForeignKey(
        Symptom,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("情形"),
    )
    description = models.TextField(_("描述"), max_length=DESCRIPTION_MAX, blank=True)
    place = models.CharField(_("地点"), max_length=PLACE_MAX, blank=True)
    location_source = models.CharField(
        _("位置来源"), max_length=10, choices=Source.choices, default=Source.NONE
    )

    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        related_name="+",
        db_index=False,
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
    standard_case = KeptForeignKey(
        StandardCase, models.PROTECT, null=True, blank=True, verbose_name=_("立案标准")
    )
    organisation = KeptForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, verbose_name=_("责任单位")
    )
    outside_number = models.CharField(_("外部单号"), max_length=40, blank=True)

    submitted_at = models.DateTimeField(_("上报时间"), default=timezone.now, editable=False)
    waiting_since = models.DateTimeField(_("等待起点"), default=timezone.now, editable=False)
    accepted_at = models.DateTimeField(_("受理时间"), null=True, blank=True, editable=False)
    fixed_at = models.DateTimeField(_("办好时间"), null=True, blank=True, editable=False)
    closed_at = models.DateTimeField(_("办结时间"), null=True, blank=True, editable=False)

    # Two deadlines, never mixed: make the place safe, and repair. Each has a due time and a stamp.
    acknowledge_due_at = models.DateTimeField(_("受理期限"), null=True, editable=False)
    secure_due_at = models.DateTimeField(_("围护期限"), null=True, editable=False)
    fix_due_at = models.DateTimeField(_("办好期限"), null=True, editable=False)
    secured_at = models.DateTimeField(_("围护时间"), null=True, editable=False)
    # The one that runs now, as `due_at` says of a row in memory: the database counts it out itself,
    # so that what is late is found, and guessed, by one column.
    next_due_at = models.GeneratedField(
        expression=RUNNING_DEADLINE,
        output_field=models.DateTimeField(_("现在的期限"), null=True),
        db_persist=True,
    )
    extensions = models.PositiveSmallIntegerField(_("延期次数"), default=0, editable=False)
    suspended_at = models.DateTimeField(_("挂起时间"), null=True, editable=False)
    suspended_until = models.DateField(_("挂起到"), null=True, editable=False)
    soon_told_at = models.DateTimeField(_("快到期已提醒"), null=True, editable=False)
    overdue_told_at = models.DateTimeField(_("超时已提醒"), null=True, editable=False)

    # From when the present standard's limit counts: acceptance, moved on by every standstill.
    clock_started_at = models.DateTimeField(_("时限起点"), null=True, editable=False)
    # A question to the reporter: reminded of once, and after a week put to the reviewer.
    question_reminded_at = models.DateTimeField(_("已提醒补充"), null=True, editable=False)
    question_expired_at = models.DateTimeField(_("补充没等到"), null=True, editable=False)

    # What the unit asked for and the centre has not answered: more time, until this day.
    time_asked_until = models.DateField(_("要求延到"), null=True, editable=False)

    # 我来办: who is at it, and until when the others leave it to them.
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        related_name="+",
        null=True,
        editable=False,
        verbose_name=_("谁在办"),
    )
    taken_until = models.DateTimeField(_("办到"), null=True, editable=False)

    # 已了结·未修: why, and the sentence as it was told.
    end_reason = KeptForeignKey(
        EndReason, models.PROTECT, null=True, editable=False, verbose_name=_("了结原因")
    )
    end_words = models.CharField(_("怎么了结的"), max_length=300, blank=True, editable=False)

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
    # The case this one was merged into itself, where that one was merged further: `main` is the
    # end of the chain, and taking a link apart takes along what hangs on it.
    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        related_name="+",
        null=True,
        editable=False,
        verbose_name=_("并入"),
    )
    split_from = models.ForeignKey(
        "self",
        models.SET_NULL,
        related_name="parts",
        null=True,
        editable=False,
        verbose_name=_("拆自"),
    )
    reopened = models.PositiveSmallIntegerField(_("重开次数"), default=0, editable=False)
    rating = models.PositiveSmallIntegerField(
        _("评价"), choices=Rating.choices, null=True, editable=False
    )
    shares_contact = models.BooleanField(
        _("愿意让办这件事的单位联系"),
        default=False,
        help_text=_("不同意时，交办单上没有姓名和电话。"),
    )
    handover = models.JSONField(_("交办单"), null=True, editable=False)
    # The gists of its own voice notes, a line each; `hazards.cases.gists` keeps it.
    heard = models.TextField(_("听写"), blank=True, default="", db_default="", editable=False)

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
                # Whether a standard is needed depends on the category's kind: the verb asks.
                name="hazard_accepted_has_clock",
                condition=~Q(state__in=["accepted", "escalated", "dispatched", "suspended"])
                | Q(accepted_at__isnull=False, clock_started_at__isnull=False),
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
                condition=Q(state="merged", main__isnull=False, merged_into__isnull=False)
                | (~Q(state="merged") & Q(main__isnull=True, merged_into__isnull=True)),
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
                name="hazard_ended_has_time",
                condition=Q(state__in=["closed", "unrepaired"], closed_at__isnull=False)
                | (~Q(state__in=["closed", "unrepaired"]) & Q(closed_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="hazard_unrepaired_has_reason",
                condition=Q(state="unrepaired", end_reason__isnull=False)
                | (~Q(state="unrepaired") & Q(end_reason__isnull=True)),
            ),
            models.CheckConstraint(
                name="hazard_taken_until",
                condition=Q(taken_by__isnull=True) | Q(taken_until__isnull=False),
            ),
        ]
        indexes = INDEXES

    def __str__(self):
        return self.number

    def save(self, *args, **kwargs):
        # Keep the search terms beside the texts.
        self.search = search_terms(self.number, self.place, self.description, self.heard)
        super().save(*args, **kwargs)

    def get_absolute_url(self):
        return _page_of(self.number)

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
        if self.state == State.SUBMITTED:
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
        """Within 30 days of its end; later it is a new case."""
        ended = self.state in REOPENABLE_STATES and self.closed_at
        return bool(ended) and timezone.now() - self.closed_at <= REOPEN_WITHIN

    @property
    def can_unreject_now(self):
        """Within seven days of the refusal."""
        is_young = timezone.now() - self.waiting_since <= UNREJECT_WITHIN
        return self.state == State.REJECTED and is_young

    @property
    def is_taken(self):
        """Whether somebody is at it now: a lease that ran out is nobody's."""
        return bool(self.taken_by_id and self.taken_until > timezone.now())

    @cached_property
    def question_step(self):
        """The step that asked its reporter what is not answered yet, or None."""
        if self.state != State.NEEDS_INFO:
            return None
        return self.steps.filter(verb="ask_info").last()

    @property
    def question(self):
        """What its reporter was asked and has not answered; one query while that is so."""
        return self.question_step.note if self.question_step else ""

    @cached_property
    def latest_part(self):
        """The case that was split off last, or None."""
        return self.parts.select_related("category").order_by("-id").first()

    @property
    def where(self):
        """The place in words, the best there is."""
        if self.place:
            return self.place
        if self.grid_id:
            return str(self.grid)
        return str(_("网格外，有定位") if self.has_point else _("没写地点"))

    @property
    def code_words(self):
        """The lookup code in two groups of four."""
        return f"{self.lookup_code[:4]} {self.lookup_code[4:]}"
