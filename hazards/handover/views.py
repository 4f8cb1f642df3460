"""The hand-over sheet, and a queue as an Excel file."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_safe

from hazards.case_page.presenter import FULL
from hazards.cases import handover_sheet as sheets
from hazards.cases.access import sees_as_staff
from hazards.handover.sheet_map import sketch_of

MOMENTS = ("at", "submitted_at", "secured_at", "secure_due_at", "fix_due_at")


@require_safe
@login_required
def handover(request, number):
    """One page for one A4, and the same as text to copy; as it was when handed up."""
    hazard = get_object_or_404(FULL.visible_to(request.user), number=number)
    if not sees_as_staff(request.user, hazard):
        raise PermissionDenied
    if hazard.standard_case_id is None:
        raise Http404  # nothing is handed over before somebody accepted it
    sheet = sheets.sheet_of(hazard)
    moments = {name: parse_datetime(sheet[name]) if sheet[name] else None for name in MOMENTS}
    steps = hazard.steps.filter(at__lte=moments["at"]).select_related("organisation")
    photos = list(hazard.photos.filter(pk__in=sheet["photos"]).order_by("id"))
    context = {
        "hazard": hazard,
        "sheet": sheet,
        "moments": moments,
        "steps": list(steps.order_by("id"))[-7:],
        "photos": photos,
        "sketch": sketch_of(hazard),
        "text": sheets.as_text(sheet, request.build_absolute_uri(hazard.get_absolute_url())),
    }
    for step in context["steps"]:
        step.hazard = hazard
    return render(request, "hazards/handover/handover.html", context)
