"""The front page: the roof composes what the rooms know."""

from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from hazards.cases import pictures
from hazards.cases.access import can_review_queue
from hazards.cases.models.hazards import Hazard
from hazards.cases.states import State
from hazards.roads.presenter import road_card
from stations.faults.presenter import door_news
from stations.faults.tellers import device_key
from stations.houses import kept_stations
from stations.houses.models import Station
from stations.houses.opening_words import told
from stations.postings.access import places_in_words
from volunteers.activities.cards import held_by
from volunteers.activities.models.sessions import ActivitySession
from volunteers.searches.models import SearchNotice
from workers.access import worker_of
from yuanhang.desk.hub import hub_of
from yuanhang.desk.waiting_cards import waiting_cards

COUNTED_MAX = 99
MINE_SHOWN, ROWS_SHOWN = 4, 3
JOB_SEALS = {"rider": _("骑"), "courier": _("递"), "driver": _("车")}


@require_safe
def home(request):
    """What waits for the person, then reporting, the station, and what became of their reports."""
    if request.GET.get("from") == "login" and can_review_queue(request.user):
        return redirect("hazards:queue")
    has_queue = can_review_queue(request.user)
    worker, held = worker_of(request.user), held_by(request.user)
    stations = [row for row in kept_stations.listed() if row.kind == Station.Kind.STATION]
    mine = []
    if request.user.is_authenticated:
        # What moved last, first: that is what somebody comes to see.
        rows = Hazard.objects.reported_by(request.user)
        mine = list(rows.order_by("-waiting_since", "-id")[:MINE_SHOWN])
    # The reward is the picture: of the newest repair, if there are two.
    pair = next((case for case in mine if _has_pair(case)), None)
    context = {
        "stations": [_told(station) for station in stations[:5]],
        "door_news": door_news(request.user, device_key(request)),
        "waiting": waiting_cards(request.user, held.offers),
        "road": road_card(worker),
        "worker": worker,
        "mine": [case for case in mine if case is not pair][:ROWS_SHOWN],
        "pair": pair,
        "searches": SearchNotice.objects.visible_to(request.user).running()[:3],
        "next_session": held.next_session,
        "coming": coming_for(request.user),
        "has_queue": has_queue,
        "overdue": overdue_count(request.user) if has_queue else 0,
    }
    return render(request, "desk/home.html", context)


@require_safe
@login_required
def me(request):
    """「我」: who one is here, and one's own things from every room."""
    worker = worker_of(request.user)
    grids = worker.usual_grids.order_by("number").values_list("name", flat=True) if worker else ()
    context = {
        "worker": worker,
        "seal": JOB_SEALS.get(worker.job if worker else "", _("我")),
        "grids": "、".join(grids),
        "places": "" if worker else places_in_words(request.user),
        "groups": hub_of(request.user),
    }
    return render(request, "desk/me.html", context)


def _told(station):
    """(station, what is so there now)."""
    return station, told(station.opening(), has_phone=bool(station.desk_phone))


def _has_pair(case):
    is_done = case.state == State.CLOSED
    return is_done and bool(pictures.first_photo(case) and pictures.last_repair(case))


def overdue_count(user):
    """How many cases in their charge are late, counted to 99 at most; one query."""
    late = Hazard.objects.in_charge_of(user).due_before(timezone.now())
    return late.order_by()[:COUNTED_MAX].count()


def coming_for(user):
    """The next three sessions worth a look; nothing that others may not read over a shoulder."""
    rows = ActivitySession.objects.listed_for(user).filter(activity__is_confidential=False)
    return rows.exclude(activity__state="cancelled")[:3]
