"""A case of the queue by itself: beside the list, or on a phone with the way to the next one."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST, require_safe

from hazards.case_page.presenter import FULL, case_context
from hazards.case_page.views import act
from hazards.cases.access import can_review_queue
from hazards.review import beside, line
from yuanhang.core.http import page_or_fragment, stands_on


@require_safe
@login_required
def queue_case(request, number):
    """One case with its place in the line; the piece beside the list for htmx."""
    if not can_review_queue(request.user):
        raise PermissionDenied
    hazard = get_object_or_404(FULL.visible_to(request.user), number=number)
    place = line.place_of(number, beside.line_of(request), request.GET.get("then", ""))
    context = case_context(request, hazard) | beside.context_of(request, hazard, place)
    return page_or_fragment(
        request, "hazards/case_page/case.html", "hazards/case_page/_case.html", context
    )


@require_POST
@login_required
@stands_on("hazards:queue-case", "number")
def queue_move(request, number, slug):
    """A move made in the queue: afterwards the next one of the same line is one press away."""
    if not can_review_queue(request.user):
        raise PermissionDenied
    hazard = get_object_or_404(FULL.visible_to(request.user), number=number)
    # Before the move: afterwards the case may stand elsewhere.
    place = line.place_of(number, beside.line_of(request), request.GET.get("then", ""))
    around = beside.context_of(request, hazard, place)
    return act(request, hazard, slug, template="hazards/case_page/case.html", around=around)
