"""The public page of a station, and its QR poster."""

import io

import segno
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from stations.houses.models import OpeningHours, Station
from yuanhang.core import geo
from yuanhang.core.words import hours_span


@require_safe
def station(request, slug):
    """Open or not in large type, how to get there, what there is on which floor."""
    found = get_object_or_404(
        Station.objects.listed()
        .select_related("community__subdistrict")
        .prefetch_related("hours", "zones__facilities"),
        slug=slug,
    )
    links = (
        geo.navigation_links(found.latitude, found.longitude, found.name, found.address)
        if found.has_point
        else []
    )
    context = {
        "station": found,
        "opening": found.opening(),
        "map_links": links,
        "week": _week(found),
        "checked_at": _last_check(found),
    }
    return render(request, "stations/houses/station.html", context)


def _week(found):
    """(weekday label, spans as text) for the seven days."""
    days = []
    for day in OpeningHours.Weekday:
        spans = [
            hours_span(rule.opens, rule.closes)
            for rule in found.hours.all()
            if rule.weekday == day.value
        ]
        days.append((day.label, _("，").join(spans) or _("不开")))
    return days


def _last_check(found):
    """When a facility was last looked at; the oldest check, so that nothing is promised."""
    times = [item.checked_at for zone in found.zones.all() for item in zone.facilities.all()]
    return min((time for time in times if time), default=None)


@require_safe
def poster(request, slug):
    """A page to print and hang up: the code leads to registration at this station."""
    found = get_object_or_404(Station.objects.listed().select_related("community"), slug=slug)
    return render(request, "stations/houses/poster.html", {"station": found})


@require_safe
def poster_code(request, slug):
    """The QR code as SVG."""
    found = get_object_or_404(Station.objects.listed(), slug=slug)
    address = f"{settings.SITE_URL}{reverse('account_signup')}?station={found.slug}"
    out = io.BytesIO()
    segno.make(address, error="m").save(out, kind="svg", scale=8, border=2, xmldecl=False)
    return HttpResponse(out.getvalue(), content_type="image/svg+xml")
