"""The hand-over sheet of a case: one A4, and the same as text for a chat."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hazards.case_page.presenter import FULL
from hazards.cases import handover_sheet
from hazards.cases.access import sees_as_staff
from hazards.cases.models.hazards import Hazard
from hazards.cases.place_map import place_map_of
from hazards.cases.timeline import entries_of
from hazards.slips import slips
from yuanhang.core.qr_codes import qr_response

STEPS_SHOWN = 7  # the latest ones: more would not fit on one A4
MOMENTS = ("at", "submitted_at", "secured_at", "secure_due_at", "fix_due_at")


def _with_link(text, link):
    """The text with the unit's link; the code never stands beside it."""
    return "\n".join([text, _("接力单（口令打电话问）：%s") % link]) if link else text


def _handed_by(hazard, viewer):
    """Whom the unit rings back: who handed it up, and before that whoever has the draft.

    Read now and not frozen: an account that was erased leaves no number on a sheet.
    """
    if not hazard.handover:
        return viewer
    step = hazard.steps.filter(verb="escalate").select_related("by").last()
    return step.by if step else None


@require_safe
@login_required
def handover_code(request, number):
    """The QR code of the slip's link, for the sheet."""
    hazard = get_object_or_404(Hazard.objects.visible_to(request.user), number=number)
    if not sees_as_staff(request.user, hazard):
        raise PermissionDenied
    slip = slips.live_slip(hazard)
    if slip is None or not slip.key:
        raise Http404
    return qr_response(slip.get_absolute_url())


@require_safe
@login_required
def handover(request, number):
    """One page for one A4, and the same as text to copy; as it was when handed up."""
    hazard = get_object_or_404(FULL.visible_to(request.user), number=number)
    if not sees_as_staff(request.user, hazard):
        raise PermissionDenied
    if hazard.accepted_at is None:
        raise Http404  # nothing is handed over before somebody accepted it
    sheet = handover_sheet.sheet_of(hazard)
    moments = {name: parse_datetime(sheet[name]) if sheet[name] else None for name in MOMENTS}
    steps = hazard.steps.filter(at__lte=moments["at"]).select_related("organisation")
    steps = steps.order_by("id")
    photos = list(hazard.photos.filter(pk__in=sheet["photos"]).order_by("id"))
    address = request.build_absolute_uri(hazard.get_absolute_url())
    slip = slips.live_slip(hazard)
    link = slip.link if slip and slip.key else ""
    context = {
        "hazard": hazard,
        "sheet": sheet,
        "moments": moments,
        "steps": entries_of(steps, hazard)[-STEPS_SHOWN:],
        "photos": photos,
        "map": place_map_of(hazard),
        "handed_by": _handed_by(hazard, request.user),
        "link": link,
        "text": _with_link(handover_sheet.as_text(sheet, address), link),
    }
    return render(request, "hazards/handover/handover.html", context)
