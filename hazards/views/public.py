"""What everybody sees of closed cases, and the page where a reviewer covers and publishes."""

from datetime import timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from hazards import access, publishing
from hazards.forms import CoverForm, MonthForm
from hazards.models import Hazard
from yuanhang.core import files
from yuanhang.core.http import decode_cursor, encode_cursor

from .passing import with_words

PAGE_SIZE = 30
BLANK_ROWS = 3


@require_safe
def fixed(request):
    """What was put right in a month: place by street, pictures where published, no person."""
    month = MonthForm(request.GET)
    found = _after(publishing.fixed_cases(*month.span), request.GET.get("after", ""))
    rows = list(found[: PAGE_SIZE + 1])
    last = rows[PAGE_SIZE - 1] if len(rows) > PAGE_SIZE else None
    context = {
        "cases": with_words(request.user, rows[:PAGE_SIZE]),
        "back": request.get_full_path(),
        "month": month.first,
        "previous": month.first - timedelta(days=1),
        "next": month.following if month.following <= MonthForm({}).first else None,
        "following": encode_cursor([last.closed_at.isoformat(), last.pk]) if last else "",
    }
    return render(request, "hazards/fixed.html", context)


def _after(hazards, cursor):
    """The cases behind (closed_at, id); a key that is none of ours is ignored."""
    key = decode_cursor(cursor, 2)
    try:
        moment, pk = parse_datetime(key[0]), int(key[1])
    except (TypeError, ValueError, OverflowError):
        return hazards
    if moment is None or moment.tzinfo is None or not 0 <= pk < 2**63:
        return hazards
    return hazards.filter(closed_at__lte=moment).filter(
        Q(closed_at__lt=moment) | Q(closed_at=moment, id__lt=pk)
    )


@require_safe
def fixed_photo(request, pk):
    """The covered copy of a published picture, while its case is closed."""
    photo = get_object_or_404(publishing.public_photos(), pk=pk)
    response = files.stream(request, photo.public_image, "image/jpeg")
    # Short, so that a picture taken back is soon gone from caches as well.
    response["Cache-Control"] = "public, max-age=300"
    return response


@require_http_methods(["GET", "POST"])
@login_required
def photo_public(request, number, pk):
    """A reviewer covers faces and plates and lets everybody see a picture, or takes it back."""
    hazards = Hazard.objects.visible_to(request.user).select_related("category", "grid")
    hazard = get_object_or_404(hazards, number=number)
    if not access.is_reviewer(request.user, hazard):
        raise PermissionDenied
    if hazard.category_id in publishing.NEVER_PUBLIC:
        raise Http404  # the page would promise what never happens
    photo = get_object_or_404(hazard.photos, pk=pk)
    form = CoverForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        if form.cleaned_data["action"] == CoverForm.PUBLISH:
            publishing.publish(photo, by=request.user, boxes=form.cleaned_data["boxes"])
            messages.success(request, _("照片公开了，办结以后大家能看到。"))
        else:
            publishing.unpublish(photo, by=request.user)
            messages.success(request, _("照片不公开了。"))
        return redirect(hazard)
    rows = form.rows() if form.is_bound else [[f"{n * 100:g}" for n in box] for box in photo.cover]
    context = {"hazard": hazard, "photo": photo, "form": form}
    context["rows"] = [*rows, *[("", "", "", "")] * BLANK_ROWS]
    status = 400 if form.is_bound else 200
    return render(request, "hazards/photo_public.html", context, status=status)
