"""The public page of a station, and its QR poster."""

from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from stations.faults.tellers import device_key
from stations.houses import kept_stations
from stations.houses.models import Station
from stations.keeping.access import can_keep
from stations.station_page.presenter import page_of
from yuanhang.core.accounts import remembers_device
from yuanhang.core.qr_codes import qr_response


@require_safe
@remembers_device
def station(request, slug):
    """Open or not in large type, what works now, how to get there, what there is on which floor."""
    found = kept_stations.by_slug(slug)
    if found is None:
        raise Http404
    page = page_of(found, user=request.user, device=device_key(request))
    context = {"station": found, "page": page, "may_keep": can_keep(request.user, found)}
    return render(request, "stations/station_page/station.html", context)


@require_safe
def poster(request, slug):
    """A page to print and hang up, on A4 or A2: the code leads to registration at this station."""
    found = get_object_or_404(
        Station.objects.listed().stations().select_related("community"), slug=slug
    )
    context = {"station": found, "is_a2": request.GET.get("size") == "a2"}
    return render(request, "stations/station_page/poster.html", context)


@require_safe
def poster_code(request, slug):
    """The QR code as SVG."""
    found = get_object_or_404(Station.objects.listed().stations(), slug=slug)
    return qr_response(f"{reverse('account_signup')}?station={found.slug}")
