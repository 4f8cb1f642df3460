"""投诉建议: what somebody has to say about the station, the community or this site."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stations.areas.models import Community
from stations.postings.access import Viewer, scope_of
from stations.postings.models import Posting
from yuanhang.core.kept_rows import KeptForeignKey
from yuanhang.core.models import NAME_MAX, Timestamped
from yuanhang.core.receipts import make_token

TEXT_MAX = 1000  # characters, of what is said and of what is answered


class ComplaintQuerySet(models.QuerySet):
    def visible_to(self, user: Viewer) -> "ComplaintQuerySet":
        """Those that were written to this user: to the staff of a community, or to its subdistrict.

        What was written to the subdistrict may be about the community's own staff, who never see
        it. Administrators see all.
        """
        if not user.is_authenticated:
            return self.none()
        if user.is_superuser:
            return self.all()
        scope = scope_of(user)
        to_community = Q(reader=Complaint.Reader.COMMUNITY, community__in=scope.communities)
        above = Community.objects.filter(subdistrict__in=scope.subdistricts).values("pk")
        to_subdistrict = Q(reader=Complaint.Reader.SUBDISTRICT, community__in=above)
        return self.filter(to_community | to_subdistrict)

    def waiting(self) -> "ComplaintQuerySet":
        """Those that nobody answered."""
        return self.filter(state=Complaint.State.WAITING)

    def published(self) -> "ComplaintQuerySet":
        """Those whose public version everybody reads."""
        return self.filter(state=Complaint.State.PUBLISHED)


class Complaint(Timestamped):
    """One matter; what is sent in the very same words while it waits joins it.

    Who said it stands on the slips (`ComplaintSlip`). The person's words, their slips and the
    answer go by the table of retention; the public version, in which staff name nobody, stays.
    """

    class Reader(models.TextChoices):
        """To whom it is written; nobody else of those who serve a place reads it."""

        COMMUNITY = "community", _("给社区看")
        SUBDISTRICT = "subdistrict", _("给街道看")

    class State(models.TextChoices):
        WAITING = "waiting", _("等答复")
        ANSWERED = "answered", _("已答复")
        PUBLISHED = "published", _("已答复，已公开")

    community = KeptForeignKey(
        Community, models.CASCADE, related_name="complaints", verbose_name=_("社区")
    )
    reader = models.CharField(_("给谁看"), max_length=12, choices=Reader.choices)
    text = models.TextField(_("说的事"), max_length=TEXT_MAX, blank=True)
    # By which equal words are found while it waits; nothing once it is answered.
    digest = models.CharField(max_length=64, blank=True, editable=False)
    times = models.PositiveIntegerField(_("几份一样的"), default=1)
    state = models.CharField(_("状态"), max_length=10, choices=State.choices, default=State.WAITING)
    due_on = models.DateField(_("最晚哪天答复"))
    soon_told_at = models.DateTimeField(_("提醒过快到期"), null=True)
    overdue_told_at = models.DateTimeField(_("提醒过超期"), null=True)
    answer = models.TextField(_("答复"), max_length=TEXT_MAX, blank=True)
    answered_at = models.DateTimeField(_("答复时间"), null=True)
    answered_as = models.CharField(_("谁答复"), max_length=24, blank=True)
    public_text = models.TextField(_("公开的问题"), max_length=TEXT_MAX, blank=True)
    public_answer = models.TextField(_("公开的答复"), max_length=TEXT_MAX, blank=True)
    published_at = models.DateTimeField(_("公开时间"), null=True)
    erased_at = models.DateTimeField(_("原话删除时间"), null=True)

    objects = ComplaintQuerySet.as_manager()

    class Meta:
        verbose_name = _("投诉建议")
        verbose_name_plural = _("投诉建议")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["community", "reader", "digest"],
                name="complaint_waits_once",
                condition=Q(state="waiting"),
            ),
            models.CheckConstraint(
                name="complaint_answered_says_when",
                condition=Q(state="waiting", answered_at=None)
                | (~Q(state="waiting") & Q(answered_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="complaint_public_is_whole",
                condition=~Q(state="published")
                | (Q(published_at__isnull=False) & ~Q(public_text="") & ~Q(public_answer="")),
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_on", "id"], name="complaint_due", condition=Q(state="waiting")
            ),
            models.Index(
                fields=["community", "reader", "due_on", "id"],
                name="complaint_due_of",
                condition=Q(state="waiting"),
            ),
            models.Index(
                fields=["-answered_at", "-id"],
                name="complaint_answered",
                condition=~Q(state="waiting"),
            ),
            models.Index(
                fields=["-published_at", "-id"],
                name="complaint_public",
                condition=Q(state="published"),
            ),
        ]

    def __str__(self):
        # Never the words: this stands in the trail.
        return str(_("投诉建议 %(n)s 号") % {"n": self.pk})

    def get_absolute_url(self):
        return reverse("complaints:one", args=[self.pk])

    @property
    def answerer(self) -> str:
        """Which office answered, in a word; never who."""
        words = {
            Posting.Role.COMMUNITY_STAFF.value: _("社区"),
            Posting.Role.CENTRE_OFFICER.value: _("街道"),
        }
        return str(words.get(self.answered_as, _("网站管理员")))

    @property
    def is_waiting(self) -> bool:
        return self.state == self.State.WAITING

    def is_overdue(self, today: date | None = None) -> bool:
        """Whether the day of the answer has passed without one."""
        return self.is_waiting and self.due_on < (today or timezone.localdate())


class ComplaintSlip(models.Model):
    """Somebody's receipt: the link to the answer, and who they are if they said so."""

    complaint = models.ForeignKey(
        Complaint, models.CASCADE, related_name="slips", verbose_name=_("投诉建议")
    )
    token = models.CharField(max_length=40, unique=True, default=make_token, editable=False)
    submission_key = models.UUIDField(unique=True, editable=False)
    # Of somebody who signed with the account; nothing of somebody who did not.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="complaint_slips",
        verbose_name=_("谁"),
    )
    name = models.CharField(_("署名"), max_length=NAME_MAX, blank=True)
    at = models.DateTimeField(_("时间"), default=timezone.now)

    class Meta:
        verbose_name = _("投诉建议回执")
        verbose_name_plural = _("投诉建议回执")
        ordering = ["pk"]

    def __str__(self):
        return str(self.pk)

    def get_absolute_url(self):
        return reverse("complaints:receipt", args=[self.token])

    @property
    def signature(self) -> str:
        """What the sender is called, as far as they said so."""
        return str(self.user) if self.user else self.name
