"""The page that shows, on demand, who reported a case."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from hazards.cases import reporter
from hazards.cases.access import can_reveal_reporter
from hazards.cases.models.hazards import Hazard
from yuanhang.core.http import stands_on


@never_cache
@require_POST
@login_required
@stands_on("hazards:case", "number")
def reveal(request, number):
    """Name and number of the reporter, for whoever has the case in charge."""
    cases = Hazard.objects.visible_to(request.user).select_related("reporter", "category")
    hazard = get_object_or_404(cases, number=number)
    if not can_reveal_reporter(request.user, hazard):
        raise PermissionDenied
    contact = reporter.reveal(hazard, by=request.user)
    context = {"hazard": hazard, "contact": contact}
    return render(request, "hazards/case_page/reporter.html", context)
