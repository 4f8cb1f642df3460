"""The page where a reviewer redacts and publishes a picture, and the published picture itself."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from hazards.cases.access import is_reviewer
from hazards.cases.models.attachments import HazardPhoto
from hazards.cases.models.hazards import Hazard
from hazards.cases.states import State
from hazards.published import public
from hazards.published.forms import RedactionForm
from yuanhang.core import files, versions

BLANK_ROWS = 3


@require_safe
def fixed_photo(request, pk, is_small=False):
    """The covered copy of a published picture, whole or for a list, while it is public."""
    photo = get_object_or_404(public.public_photos(), pk=pk)
    copy = (photo.public_small if is_small else "") or photo.public_image
    response = files.stream(request, copy, "image/jpeg")
    # Short, so that a picture taken back is soon gone from caches as well.
    response["Cache-Control"] = "public, max-age=300"
    return response


def _told(hazard):
    """From when on everybody sees what was just published."""
    at_once = hazard.state == State.CLOSED or (
        hazard.is_open and hazard.category.shows_open_pictures
    )
    return _("照片公开了，大家现在就能看到。") if at_once else _("照片公开了，办结以后大家能看到。")


@require_http_methods(["GET", "POST"])
@login_required
def photo_public(request, number, pk):
    """A reviewer covers faces and plates and lets everybody see a picture, or takes it back."""
    hazards = Hazard.objects.visible_to(request.user).select_related("category", "grid")
    hazard = get_object_or_404(hazards, number=number)
    if not is_reviewer(request.user, hazard):
        raise PermissionDenied
    if not hazard.category.may_be_published:
        raise Http404  # the page would promise what never happens
    with transaction.atomic():
        # One after the other: the second is compared with what the first one has stored.
        versions.hold(HazardPhoto, [pk])
        photo = get_object_or_404(hazard.photos, pk=pk)
        form = RedactionForm(request.POST if request.method == "POST" else None, photo=photo)
        return _answer(request, hazard, photo, form)


def _answer(request, hazard, photo, form):
    if form.is_bound and form.is_valid():
        if form.cleaned_data["action"] == RedactionForm.PUBLISH:
            public.publish(photo, by=request.user, boxes=form.cleaned_data["boxes"])
            messages.success(request, _told(hazard))
        else:
            public.unpublish(photo, by=request.user)
            messages.success(request, _("照片不公开了。"))
        return redirect(hazard)
    rows = form.rows() if form.is_bound else [[f"{n * 100:g}" for n in box] for box in photo.boxes]
    context = {"hazard": hazard, "photo": photo, "form": form}
    context["rows"] = [*rows, *[("", "", "", "")] * BLANK_ROWS]
    status = 400 if form.is_bound else 200
    return render(request, "hazards/published/photo_public.html", context, status=status)
