"""The map of open cases: the page for those with a queue, and its data."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Max, Min
from django.http import JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from hazards.case_map import map_data
from hazards.case_map.forms import BoxForm
from hazards.case_page.row_queries import cases_by_key
from hazards.cases.access import can_review_queue
from hazards.cases.models.hazards import Hazard
from hazards.cases.states import OPEN_STATES
from hazards.review.forms import grids_of
from stations.postings.access import places_in_words

# Rows of the list before the scripts take over, and all of it without them.
FIRST_ROWS = 50


@require_safe
@login_required
def map_page(request):
    """The open cases of this person's posts on the map, with the queue's rows beside it."""
    if not can_review_queue(request.user):
        raise PermissionDenied
    hazards = Hazard.objects.in_charge_of(request.user).open()
    first = hazards.order_by("urgency", "waiting_since", "id").values_list("pk", flat=True)
    keys = list(first[:FIRST_ROWS])
    rows = cases_by_key(keys)
    context = {
        "hazards": [rows[key] for key in keys if key in rows],
        "box": _box_of(grids_of(request.user)),
        "most": map_data.CASES_MAX,
        "states": OPEN_STATES,
        "places": places_in_words(request.user),
    }
    return render(request, "hazards/case_map/map.html", context)


def _box_of(grids):
    """West, south, east, north of all of them as a text; empty without grids."""
    sides = grids.aggregate(
        west=Min("west"), south=Min("south"), east=Max("east"), north=Max("north")
    )
    if sides["south"] is None:
        return ""
    return ",".join(f"{sides[side]:.6f}" for side in ("west", "south", "east", "north"))


@require_safe
@login_required
@cache_control(private=True, no_store=True)
def map_cases(request):
    """The cases of one box, as JSON, within this person's posts."""
    if not can_review_queue(request.user):
        raise PermissionDenied
    form = BoxForm(request.GET)
    if not form.is_valid():
        return JsonResponse({"error": form.errors["bbox"][0]}, status=400)
    hazards = Hazard.objects.in_charge_of(request.user)
    return JsonResponse(map_data.cases(hazards, form.cleaned_data["bbox"]))
