"""What happened to a case, and the pictures and words that came with it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hazards.cases.models.hazards import Hazard
from hazards.cases.models.steps import Step
from yuanhang.core.models import Photo, Voice

GIST_MAX = 60  # characters: one line of the queue


class AttachmentQuerySet(models.QuerySet):
    def shown_with(self, hazard, *, staff):
        """Those of the case; for staff those of the cases merged into it, too.

        Other people's pictures are not a reporter's business, so `staff` must be asked of scope.
        """
        if not staff:
            return self.filter(hazard=hazard)
        # Which cases first: the same as one OR over the join reads every picture there is.
        cases = Hazard.objects.filter(Q(pk=hazard.pk) | Q(main=hazard.pk))
        return self.filter(hazard__in=cases.order_by().values("pk"))


class PhotoQuerySet(AttachmentQuerySet):
    def shown_with(self, hazard, *, staff):
        """As all attachments; whoever follows a main case sees its repair."""
        own = super().shown_with(hazard, staff=staff)
        if hazard.main_id is None:
            return own
        return self.filter(Q(pk__in=own) | Q(hazard_id=hazard.main_id, is_repair=True))


class HazardPhoto(Photo):
    """A photo of the hazard, of a supplement, or of the repair; private to who may see the case."""

    hazard = models.ForeignKey(
        Hazard, models.CASCADE, related_name="photos", verbose_name=_("隐患")
    )
    step = models.ForeignKey(Step, models.CASCADE, related_name="photos", verbose_name=_("经过"))
    is_repair = models.BooleanField(_("办好以后拍的"), default=False)
    # Public only by a reviewer's word (hazards.published), and then only as the covered copy.
    is_public = models.BooleanField(_("公开"), default=False, editable=False)
    boxes = models.JSONField(_("遮盖框"), default=list, editable=False)
    public_image = models.FileField(
        _("公开的照片"), max_length=120, blank=True, default="", editable=False
    )
    # The same, for lists: what a row shows on a weak network.
    public_small = models.FileField(
        _("公开的小图"), max_length=120, blank=True, default="", editable=False
    )

    objects = PhotoQuerySet.as_manager()

    class Meta:
        verbose_name = _("隐患照片")
        verbose_name_plural = _("隐患照片")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="photo_public_is_covered_copy",
                condition=(Q(is_public=True) & ~Q(public_image=""))
                | Q(is_public=False, public_image="", public_small=""),
            )
        ]
        # What everybody may see is a small part of all pictures.
        indexes = [
            models.Index(
                fields=["hazard", "is_repair"], name="photo_public", condition=Q(is_public=True)
            )
        ]

    def __str__(self):
        return f"{self.hazard_id} #{self.pk}"


class HazardVoice(Voice):
    """A voice note with the report or a supplement."""

    hazard = models.ForeignKey(
        Hazard, models.CASCADE, related_name="voices", verbose_name=_("隐患")
    )
    step = models.ForeignKey(Step, models.CASCADE, related_name="voices", verbose_name=_("经过"))
    # 听写: what it says, by whoever listened first. Written by `hazards.cases.gists` alone.
    gist = models.CharField(
        _("听写"), max_length=GIST_MAX, blank=True, default="", db_default="", editable=False
    )
    gist_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        related_name="+",
        null=True,
        editable=False,
        verbose_name=_("谁听写的"),
    )
    gist_at = models.DateTimeField(_("听写时间"), null=True, editable=False)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("隐患语音")
        verbose_name_plural = _("隐患语音")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="voice_gist_has_time", condition=Q(gist="") | Q(gist_at__isnull=False)
            ),
            models.CheckConstraint(
                name="voice_is_converted_or_original",
                condition=(Q(original="", is_unreadable=False) & ~Q(audio=""))
                | (Q(audio="") & ~Q(original="")),
            ),
        ]
        # What waits to be converted is next to nothing of all notes.
        indexes = [
            models.Index(
                fields=["created_at"],
                name="voice_to_convert",
                condition=~Q(original="") & Q(is_unreadable=False),
            )
        ]

    def __str__(self):
        return f"{self.hazard_id} #{self.pk}"
