"""A queue as an Excel file."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from hazards.cases.access import can_review_queue
from hazards.cases.models.hazards import Hazard
from hazards.review import search
from hazards.review.export import workbook_of
from hazards.review.forms import QueueForm
from yuanhang.core import audit
from yuanhang.core.excel import XLSX


@require_safe
@login_required
def export(request):
    """The filtered queue as Excel; who took it, and how it was narrowed, is kept."""
    if not can_review_queue(request.user):
        raise PermissionDenied
    form = QueueForm(request.GET, user=request.user, phone=search.remembered(request))
    hazards = form.narrow(Hazard.objects.in_charge_of(request.user)).order_by("-id")
    data = workbook_of(hazards)
    kept = {name: str(value) for name, value in form.values.items() if value and name != "q"}
    audit.record("hazards.exported", None, by=request.user, changes=kept)
    response = HttpResponse(data, content_type=XLSX)
    stamp = f"{timezone.localtime():%Y%m%d-%H%M}"
    response["Content-Disposition"] = f'attachment; filename="hazards-{stamp}.xlsx"'
    response["Cache-Control"] = "private, no-store"
    return response
