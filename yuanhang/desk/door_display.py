"""A screen at the station's door: open or not, what works, what is on, and the time. No person."""

from django.contrib.auth.models import AnonymousUser
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from hazards.roads.presenter import door_warnings
from stations.faults.presenter import standing_at
from stations.houses import kept_stations
from stations.houses.models import EmergencyNumber, Facility
from stations.houses.opening_words import told
from yuanhang.core.qr_codes import qr_response
from yuanhang.desk.views import coming_for

THINGS_MAX = 6


@require_safe
def display(request, slug):
    """The page of the screen; its script asks for it again each minute, and keeps what it has."""
    station = kept_stations.by_slug(slug)
    if station is None:
        raise Http404
    context = {
        "station": station,
        "told": told(station.opening(), has_phone=bool(station.desk_phone)),
        "now": timezone.localtime(),
        "things": _things(station),
        # Whoever stands before it may be anybody.
        "coming": coming_for(AnonymousUser())[:2],
        "roads": door_warnings(station.community),
        "numbers": EmergencyNumber.objects.filter(is_first=True)[:4],
    }
    return render(request, "desk/door_display.html", context)


def _things(station):
    """What fails by somebody's word first, then what works; each with `is_well`."""
    said = {one.fault.facility_id: one.fault for one in standing_at(station) if one.is_agreed}
    things = [item for zone in station.zones.all() for item in zone.facilities.all()]
    for item in things:
        item.said = said.get(item.pk)
        item.is_well = item.condition == Facility.Condition.GOOD and item.said is None
    return sorted(things, key=lambda item: item.is_well)[:THINGS_MAX]


@require_safe
def report_code(_request):
    """The QR code of the report form as SVG."""
    return qr_response(reverse("hazards:report"))
