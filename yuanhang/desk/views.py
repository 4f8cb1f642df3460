"""The front page: the roof composes what the rooms know."""

from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from hazards.access import can_review_queue
from hazards.models import Hazard
from stations.models import Station
from workers.access import worker_of


@require_safe
def home(request):
    """Report first, then the station, then what became of one's own reports."""
    if request.GET.get("from") == "login" and can_review_queue(request.user):
        return redirect("hazards:queue")
    worker = worker_of(request.user)
    stations = (
        Station.objects.listed()
        .select_related("community")
        .prefetch_related("hours", "zones__facilities")
    )
    mine = Hazard.objects.none()
    if request.user.is_authenticated:
        mine = (
            Hazard.objects.filter(reporter=request.user)
            .select_related("category", "grid", "organisation")
            .prefetch_related("photos")
            # What moved last, first: that is what somebody comes to see.
            .order_by("-waiting_since", "-id")[:3]
        )
    context = {
        "stations": [(station, station.opening()) for station in stations[:5]],
        "worker": worker,
        "mine": mine,
        "has_queue": can_review_queue(request.user),
    }
    return render(request, "desk/home.html", context)
