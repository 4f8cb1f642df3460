"""Reports that may be of one place: same kind, within 50 m and 7 days, or at the same landmark."""

from datetime import timedelta

from django.db.models import Exists, OuterRef
from django.utils import timezone

from yuanhang.core import geo

from .models import Hazard, State

METRES = 50  # DOMAIN 3
DAYS = timedelta(days=7)
MOST = 5


def likely(
    *,
    category_id,
    subdistrict_id,
    latitude=None,
    longitude=None,
    place="",
    but_not=None,
    viewer=None,
):
    """Up to five open cases that may be the same one, nearest first, each with `.metres` (or None).

    `latitude` and `longitude` are WGS-84 degrees. Without a point the same words for the place
    must do: landmarks are chosen from a list, so their spelling is one.
    """
    cases = Hazard.objects.open().filter(
        category_id=category_id,
        subdistrict_id=subdistrict_id,
        submitted_at__gte=timezone.now() - DAYS,
    )
    if viewer is not None:
        # Asked in the same breath, so that the page costs no further query.
        seen = Hazard.objects.visible_to(viewer).filter(pk=OuterRef("pk"))
        cases = cases.annotate(opens=Exists(seen))
    if but_not is not None:
        cases = cases.exclude(pk=but_not)
    cases = cases.select_related("category", "grid").prefetch_related("photos")
    if latitude is None or longitude is None:
        found = list(cases.filter(place=place).order_by("-id")[:MOST]) if place else []
        for case in found:
            case.metres = None
        return found
    south, west, north, east = geo.bounds(latitude, longitude, METRES)
    box = cases.filter(latitude__range=(south, north), longitude__range=(west, east))
    found = list(box.order_by("-id")[:100])
    for case in found:
        case.metres = round(geo.distance(latitude, longitude, case.latitude, case.longitude))
    return sorted((c for c in found if c.metres <= METRES), key=lambda c: c.metres)[:MOST]


def of(hazard, viewer=None):
    """The likely duplicates of a case that may still be merged; otherwise none, at no cost.

    With a `viewer` each says in `.opens` whether they may open it.
    """
    if hazard.state not in (State.SUBMITTED, State.ACCEPTED):
        return []
    return likely(
        category_id=hazard.category_id,
        subdistrict_id=hazard.subdistrict_id,
        latitude=hazard.latitude,
        longitude=hazard.longitude,
        place=hazard.place,
        but_not=hazard.pk,
        viewer=viewer,
    )
