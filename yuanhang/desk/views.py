"""The front page: the roof composes what the rooms know."""

from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from hazards.cases.access import can_review_queue
from hazards.cases.models.hazards import Hazard
from stations.houses.models import Station
from volunteers.activities.cards import held_by
from volunteers.activities.models.sessions import ActivitySession
from volunteers.searches.models import SearchNotice
from workers.access import worker_of
from yuanhang.desk.waiting_cards import waiting_cards

COUNTED_MAX = 99


@require_safe
def home(request):
    """What waits for the person, then reporting, the station, and what became of their reports."""
    if request.GET.get("from") == "login" and can_review_queue(request.user):
        return redirect("hazards:queue")
    has_queue = can_review_queue(request.user)
    worker, held = worker_of(request.user), held_by(request.user)
    stations = Station.objects.listed().prefetch_related("hours")
    mine = Hazard.objects.none()
    if request.user.is_authenticated:
        # What moved last, first: that is what somebody comes to see.
        rows = Hazard.objects.reported_by(request.user)
        mine = rows.order_by("-waiting_since", "-id")[:3]
    context = {
        "stations": [(station, station.opening()) for station in stations[:5]],
        "waiting": waiting_cards(request.user, held.offers),
        "worker": worker,
        "mine": mine,
        "searches": SearchNotice.objects.visible_to(request.user).running()[:3],
        "next_session": held.next_session,
        "coming": coming_for(request.user),
        "has_queue": has_queue,
        "overdue": overdue_count(request.user) if has_queue else 0,
    }
    return render(request, "desk/home.html", context)


def overdue_count(user):
    """How many cases in their charge are late, counted to 99 at most; one query."""
    late = Hazard.objects.in_charge_of(user).due_before(timezone.now())
    return late.order_by()[:COUNTED_MAX].count()


def coming_for(user):
    """The next three sessions worth a look; nothing that others may not read over a shoulder."""
    rows = ActivitySession.objects.listed_for(user).filter(activity__is_confidential=False)
    return rows.exclude(activity__state="cancelled")[:3]
