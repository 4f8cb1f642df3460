"""What happened to a case, and the pictures and words that came with it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stations.models import Organisation
from yuanhang.core.models import Photo, Voice

from .hazard import Hazard, Rating
from .states import State


class Step(models.Model):
    """One move of a case, as its timeline tells it. Written by the workflow, never changed."""

    hazard = models.ForeignKey(Hazard, models.CASCADE, related_name="steps", verbose_name=_("隐患"))
    verb = models.CharField(_("动作"), max_length=20)
    state = models.CharField(_("之后的状态"), max_length=12, choices=State.choices)
    at = models.DateTimeField(_("时间"), default=timezone.now)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("操作人"),
    )
    by_role = models.CharField(_("身份"), max_length=40, blank=True)
    # Who was sent; the case forgets it when it comes back, its history does not.
    organisation = models.ForeignKey(
        Organisation,
        models.SET_NULL,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("派给"),
    )
    # What was said of that end; a case opened again asks anew.
    rating = models.PositiveSmallIntegerField(
        _("评价"), choices=Rating.choices, null=True, blank=True
    )
    note = models.TextField(_("说明"), blank=True)

    class Meta:
        verbose_name = _("经过")
        verbose_name_plural = _("经过")
        ordering = ["id"]
        indexes = [models.Index(fields=["hazard", "id"], name="step_of_hazard")]

    def __str__(self):
        return f"{self.hazard_id} {self.verb}"


class AttachmentQuerySet(models.QuerySet):
    """Which pictures and voices."""

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
    """Which pictures."""

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
    is_repair = models.BooleanField(_("修复后"), default=False)
    # Public only by a reviewer's word (hazards.publishing), and then only as the covered copy.
    is_public = models.BooleanField(_("公开"), default=False, editable=False)
    cover = models.JSONField(_("遮盖框"), default=list, editable=False)
    public_image = models.FileField(
        _("公开的照片"), max_length=120, blank=True, default="", editable=False
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
                | Q(is_public=False, public_image=""),
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

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("隐患语音")
        verbose_name_plural = _("隐患语音")
        ordering = ["id"]

    def __str__(self):
        return f"{self.hazard_id} #{self.pk}"
