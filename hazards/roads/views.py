"""路况: what is open on the roads, for whoever rides there."""

from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from hazards.roads.presenter import road_page


@require_safe
@cache_control(private=True, no_store=True)
def roads(request):
    """The warnings for one's own grids and those around the station, newest first."""
    return render(request, "hazards/roads/roads.html", road_page(request.user))
