"""The hand-over sheet, and a queue as an Excel file."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_safe

from hazards import access
from hazards import handover as sheets
from hazards.export import workbook_of
from hazards.forms import QueueForm
from hazards.models import Hazard
from hazards.sketch import sketch_of
from yuanhang.core import audit
from yuanhang.core.excel import XLSX

from .case import FULL

MOMENTS = ("at", "submitted_at", "secured_at", "secure_due_at", "fix_due_at")


@require_safe
@login_required
def handover(request, number):
    """One page for one A4, and the same as text to copy; as it was when handed up."""
    hazard = get_object_or_404(FULL.visible_to(request.user), number=number)
    if not access.sees_as_staff(request.user, hazard):
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
    return render(request, "hazards/handover.html", context)


@require_safe
@login_required
def export(request):
    """The filtered queue as Excel; who took it, and how it was narrowed, is kept."""
    if not access.can_review_queue(request.user):
        raise PermissionDenied
    form = QueueForm(request.GET, user=request.user)
    hazards = form.narrow(Hazard.objects.in_charge_of(request.user)).order_by("-id")
    data = workbook_of(hazards)
    kept = {name: str(value) for name, value in form.values.items() if value and name != "q"}
    audit.record("hazards.exported", None, by=request.user, changes=kept)
    response = HttpResponse(data, content_type=XLSX)
    stamp = f"{timezone.localtime():%Y%m%d-%H%M}"
    response["Content-Disposition"] = f'attachment; filename="hazards-{stamp}.xlsx"'
    response["Cache-Control"] = "private, no-store"
    return response
