"""What became of a session: who took part, the ledger of minutes, and words about a volunteer.

Attendance and ledger are only ever added to. The ledger's table refuses changes by itself as
well (migration 0004); it lets go of the person alone, when an account is erased.
"""

from django.conf import settings
from django.db import connection, models
from django.db.models import F, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stations.areas.models import Community
from stations.postings.access import scope_of
from volunteers.activities.models.sessions import ActivitySession
from yuanhang.core.infix import infix_index

DAY_MINUTES = 24 * 60


class AppendOnly(models.Model):
    """Rows that are written once, one by one, and then stay."""

    class Meta:
        abstract = True

    def save(self, *args, **kwargs):
        # Only the first save counts.
        if self.pk is not None:
            raise TypeError("this record is never changed; add a correcting one")
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        # Never; the erasure of an account works on the table.
        raise TypeError("this record is never deleted; add a correcting one")


class Attendance(AppendOnly):
    """到场情况: one mark about one person; the newest mark is what holds, the others tell how.

    Without a mark a confirmed person was there. Somebody who came without signing up has a
    `label` that the leader typed; the account, where their phone belongs to one, is not shown.
    """

    class Kind(models.TextChoices):
        """Present is what everybody is until somebody says otherwise."""

        PRESENT = "present", _("到了")
        ABSENT = "absent", _("没来")
        LATE = "late", _("晚到")
        LEFT_EARLY = "left_early", _("早走")

    session = models.ForeignKey(
        ActivitySession, models.PROTECT, related_name="attendances", verbose_name=_("场次")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="attendances",
        null=True,
        blank=True,
        verbose_name=_("人员"),
    )
    label = models.CharField(_("临时来的"), max_length=30, blank=True)
    kind = models.CharField(_("情况"), max_length=10, choices=Kind.choices)
    minutes = models.PositiveSmallIntegerField(_("分钟"))
    is_passed = models.BooleanField(_("通过"), default=True)
    reason = models.CharField(_("为什么改"), max_length=200, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", null=True, blank=True
    )
    at = models.DateTimeField(_("时间"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("到场情况")
        verbose_name_plural = _("到场情况")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="attendance_is_somebodys", condition=Q(user__isnull=False) | ~Q(label="")
            ),
            models.CheckConstraint(
                name="attendance_minutes_fit",
                condition=Q(kind="absent", minutes=0)
                | (~Q(kind="absent") & Q(minutes__gte=1, minutes__lte=DAY_MINUTES)),
            ),
        ]

    def __str__(self):
        return f"{self.session_id} #{self.pk}"


class ServiceRecordQuerySet(models.QuerySet):
    def visible_to(self, user):
        """A person's own; community staff see what was done for their community."""
        if not user.is_authenticated:
            return self.none()
        if user.is_superuser:
            return self.all()
        return self.filter(Q(user=user) | Q(community__in=scope_of(user).communities))

    def counting(self):
        """Those that count: in time, or confirmed by a second person."""
        return self.filter(ServiceRecord.COUNTS)

    def certifiable(self, user, community, start, end):
        """What counts for a person in a community from one day to another, both included."""
        rows = self.counting().filter(user=user, community=community)
        return rows.filter(on__gte=start, on__lte=end)

    def pending(self):
        """Those that wait for a second person, and count nothing yet."""
        return self.filter(ServiceRecord.WAITS)

    def total(self):
        """The minutes of these entries."""
        return self.aggregate(sum=Sum("minutes"))["sum"] or 0


class ServiceRecord(AppendOnly):
    """志愿服务记录: minutes for one person, positive, or negative to correct an earlier entry."""

    class Source(models.TextChoices):
        """Where an entry comes from."""

        SESSION = "session", _("活动")
        HAND = "hand", _("手工")
        ERRAND = "errand", _("顺路任务")

    COUNTS = Q(needs_second=False) | Q(confirmation__is_accepted=True)
    WAITS = Q(needs_second=True, confirmation__isnull=True)

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        related_name="service_records",
        null=True,
        verbose_name=_("人员"),
    )
    community = models.ForeignKey(
        Community, models.PROTECT, related_name="service_records", verbose_name=_("社区")
    )
    source = models.CharField(_("来源"), max_length=8, choices=Source.choices)
    session = models.ForeignKey(
        ActivitySession,
        models.PROTECT,
        related_name="service_records",
        null=True,
        blank=True,
        verbose_name=_("场次"),
    )
    # What the entry belongs to outside the sessions, e.g. `errand:12`; each counts once.
    reference = models.CharField(_("凭据"), max_length=40, blank=True)
    content = models.CharField(_("服务内容"), max_length=60)
    on = models.DateField(_("服务日期"))
    minutes = models.SmallIntegerField(_("分钟"))
    needs_second = models.BooleanField(_("补录"), default=False)
    reason = models.CharField(_("原因"), max_length=200, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("录入"),
    )
    at = models.DateTimeField(_("录入时间"), default=timezone.now)

    objects = ServiceRecordQuerySet.as_manager()

    class Meta:
        verbose_name = _("志愿服务记录")
        verbose_name_plural = _("志愿服务记录")
        ordering = ["-on", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="record_minutes_are_some",
                condition=~Q(minutes=0) & Q(minutes__gte=-DAY_MINUTES, minutes__lte=DAY_MINUTES),
            ),
            models.CheckConstraint(
                name="record_has_its_source",
                condition=Q(source="session", session__isnull=False, reference="")
                | Q(source="hand", session__isnull=True, reference="", needs_second=True)
                | (Q(source="errand", session__isnull=True) & ~Q(reference="")),
            ),
            models.CheckConstraint(
                name="record_by_hand_says_why",
                condition=Q(needs_second=False) | Q(by__isnull=True) | ~Q(reason=""),
            ),
            models.UniqueConstraint(
                fields=["reference"], name="record_reference_once", condition=~Q(reference="")
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-on", "-id"], name="record_of_user"),
            models.Index(fields=["session", "user"], name="record_of_session"),
            models.Index(fields=["-on", "-id"], name="record_newest"),
            infix_index("content", "record_content_part"),
            models.Index(fields=["community", "-on", "-id"], name="record_of_community"),
            models.Index(
                fields=["community", "id"], name="record_late", condition=Q(needs_second=True)
            ),
        ]

    def __str__(self):
        return f"{self.get_source_display()} {self.minutes}"

    @property
    def answer(self):
        """The second person's answer, or None."""
        return getattr(self, "confirmation", None) if self.needs_second else None

    @property
    def standing(self):
        """「补录，待确认」 and the like; empty for an ordinary entry, which counts at once."""
        if not self.needs_second:
            return ""
        if self.answer is None:
            return _("补录，待确认")
        return _("补录，已确认") if self.answer.is_accepted else _("补录，未认可")

    @property
    def counts(self):
        """Whether the minutes are part of the total."""
        return not self.needs_second or (self.answer is not None and self.answer.is_accepted)


class Confirmation(AppendOnly):
    """What a second person said to a late or hand-made entry; said once."""

    record = models.OneToOneField(
        ServiceRecord, models.PROTECT, related_name="confirmation", verbose_name=_("记录")
    )
    is_accepted = models.BooleanField(_("属实"))
    reason = models.CharField(_("原因"), max_length=200, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        related_name="+",
        null=True,
        verbose_name=_("确认人"),
    )
    at = models.DateTimeField(_("时间"), default=timezone.now)

    class Meta:
        verbose_name = _("补录确认")
        verbose_name_plural = _("补录确认")
        constraints = [
            models.CheckConstraint(
                name="refusal_says_why", condition=Q(is_accepted=True) | ~Q(reason="")
            )
        ]

    def __str__(self):
        return f"{self.record_id}"


class Counter(models.Model):
    """The last number given out under a key; the row's lock makes the numbers gapless."""

    key = models.CharField(_("项目"), max_length=30, primary_key=True)
    last = models.PositiveIntegerField(_("最后"), default=0)

    class Meta:
        verbose_name = _("编号计数")
        verbose_name_plural = _("编号计数")

    def __str__(self):
        return f"{self.key} {self.last}"

    @classmethod
    def following(cls, key):
        """The next number, from 1; a transaction that fails gives it back."""
        table = connection.ops.quote_name(cls._meta.db_table)
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {table} (key, last) VALUES (%s, 1) "  # noqa: S608 - our own table
                f"ON CONFLICT (key) DO UPDATE SET last = {table}.last + 1 RETURNING last",
                [key],
            )
            return cursor.fetchone()[0]


class VolunteerNumber(models.Model):
    """志愿者编号: given at first need; holds the community and a running number, nothing else."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="volunteer_number",
        verbose_name=_("人员"),
    )
    number = models.CharField(_("编号"), max_length=16, unique=True)
    at = models.DateTimeField(_("时间"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("志愿者编号")
        verbose_name_plural = _("志愿者编号")

    def __str__(self):
        return self.number


class CommendationQuerySet(models.QuerySet):
    def current(self):
        """Not taken back."""
        return self.filter(ended_at__isnull=True)


class Commendation(models.Model):
    """表彰奖励 or 评价: staff's words to one person; private, and never compared."""

    class Kind(models.TextChoices):
        """The last two groups of a volunteer's record."""

        AWARD = "award", _("表彰奖励")
        EVALUATION = "evaluation", _("评价")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="commendations",
        verbose_name=_("人员"),
    )
    kind = models.CharField(_("类型"), max_length=10, choices=Kind.choices)
    text = models.CharField(_("内容"), max_length=300)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        related_name="+",
        null=True,
        verbose_name=_("填写人"),
    )
    at = models.DateTimeField(_("时间"), default=timezone.now, editable=False)
    ended_at = models.DateTimeField(_("撤回时间"), null=True, blank=True, editable=False)

    objects = CommendationQuerySet.as_manager()

    class Meta:
        verbose_name = _("表彰和评价")
        verbose_name_plural = _("表彰和评价")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="commendation_ends_later",
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("at")),
            )
        ]

    def __str__(self):
        return f"{self.kind} #{self.pk}"
