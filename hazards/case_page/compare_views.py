"""比一比: two reports side by side, before one is merged into the other."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_safe

from hazards.cases.access import can_move
from hazards.cases.models.hazards import Hazard
from hazards.cases.transitions import TRANSITIONS
from yuanhang.core import geo
from yuanhang.core.http import safe_next


@require_safe
@login_required
def compare(request, number, other):
    """Photos, words and places of both; the button that merges stands under them."""
    cases = Hazard.objects.visible_to(request.user).select_related("category", "grid", "community")
    cases = cases.prefetch_related("photos", "voices")
    found = {case.number: case for case in cases.filter(number__in=(number, other))}
    if number == other or len(found) < 2:
        raise Http404
    hazard, main = found[number], found[other]
    if not can_move(request.user, hazard, "merge"):
        raise PermissionDenied
    may_merge = hazard.state in TRANSITIONS["merge"].sources and main.is_open
    context = {
        "hazard": hazard,
        "main": main,
        "pair": [hazard, main],
        "metres": _metres(hazard, main),
        "may_merge": may_merge,
        "back": safe_next(request, hazard.get_absolute_url()),
    }
    return render(request, "hazards/case_page/compare.html", context)


def _metres(one, two):
    """How far apart they are, or None where one of the places is not known."""
    if not (one.has_point and two.has_point):
        return None
    return round(geo.distance(one.latitude, one.longitude, two.latitude, two.longitude))
