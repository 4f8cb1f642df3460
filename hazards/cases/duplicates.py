"""Reports that may be of one place: same kind, within 50 m and 7 days, or at the same landmark."""

from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.utils import timezone

from hazards.cases.models.attachments import HazardPhoto
from hazards.cases.models.hazards import Hazard
from hazards.cases.states import OPEN_STATES, State
from hazards.catalogue.models import Category
from stations.areas.models import Community, Grid, Landmark
from stations.postings.access import Viewer
from workers.access import is_registered
from yuanhang.core import geo

RADIUS_METRES = 50  # farther than a phone's fix is off, nearer than the next crossing
WINDOW = timedelta(days=7)
OFFERED_MAX = 5


def likely_duplicates(
    *,
    category_id: str,
    subdistrict_id: int,
    latitude: float | None = None,
    longitude: float | None = None,
    place: str = "",
    but_not: int | None = None,
    viewer: Viewer | None = None,
    cases: QuerySet[Hazard] | None = None,
) -> list[Hazard]:
    """Up to five open cases that may be the same one, nearest first, each with `.metres` (or None).

    `latitude` and `longitude` are WGS-84 degrees. Without a point the same words for the place
    must do: landmarks are chosen from a list, so their spelling is one. `cases` says what comes
    with each; without it the category, the grid and the first picture's key (`.photo`) do.
    """
    if cases is None:
        first = HazardPhoto.objects.filter(hazard=OuterRef("pk"), is_repair=False)
        first = first.order_by("id").values("pk")[:1]
        cases = Hazard.objects.select_related("category", "grid").annotate(photo=Subquery(first))
    cases = cases.open().filter(
        category_id=category_id,
        subdistrict_id=subdistrict_id,
        submitted_at__gte=timezone.now() - WINDOW,
    )
    if viewer is not None:
        # Asked in the same breath, so that the page costs no further query.
        seen = Hazard.objects.visible_to(viewer).filter(pk=OuterRef("pk"))
        cases = cases.annotate(opens=Exists(seen))
    if but_not is not None:
        cases = cases.exclude(pk=but_not)
    if latitude is None or longitude is None:
        found = list(cases.filter(place=place).order_by("-id")[:OFFERED_MAX]) if place else []
        for case in found:
            case.metres = None
        return found
    south, west, north, east = geo.bounds(latitude, longitude, RADIUS_METRES)
    box = cases.filter(latitude__range=(south, north), longitude__range=(west, east))
    found = list(box.order_by("-id")[:100])
    for case in found:
        case.metres = round(geo.distance(latitude, longitude, case.latitude, case.longitude))
    return sorted((c for c in found if c.metres <= RADIUS_METRES), key=lambda c: c.metres)[
        :OFFERED_MAX
    ]


def offered_duplicates(
    viewer: Viewer,
    *,
    category: Category,
    place: str,
    grid: Grid | None,
    community: Community | None,
    point: geo.Point | None,
    source: str,
) -> list[Hazard]:
    """What a report in the making may be the same as, whoever is making it.

    Each with `.metres`, `.photo` (the pk of a picture this viewer may see, or None) and
    `.at_landmark`. Nothing where the place is neither a point nor a landmark: equal words of two
    strangers would tell each what the other wrote. Nothing of what is about people.
    """
    community = grid.community if grid else community
    known = point is not None or source == Hazard.Source.LANDMARK
    if not known or community is None or not category.offer_as_duplicate:
        return []
    seen = visible_pictures(viewer).filter(hazard=OuterRef("pk")).order_by("id").values("pk")
    landmark = Landmark.objects.filter(name=OuterRef("place"))
    cases = Hazard.objects.annotate(photo=Subquery(seen[:1]), at_landmark=Exists(landmark))
    return likely_duplicates(
        category_id=category.pk,
        subdistrict_id=community.subdistrict_id,
        latitude=point.latitude if point else None,
        longitude=point.longitude if point else None,
        place=place,
        cases=cases.select_related("category", "grid"),
    )


def visible_pictures(viewer: Viewer) -> QuerySet[HazardPhoto]:
    """Pictures by which the viewer may know an open case of these days, before reporting it again.

    Registered workers see them; everybody else what a reviewer let everybody see.
    """
    photos = HazardPhoto.objects.filter(
        is_repair=False,
        hazard__state__in=OPEN_STATES,
        hazard__submitted_at__gte=timezone.now() - WINDOW,
        hazard__category__offer_as_duplicate=True,
    )
    return photos if is_registered(viewer) else photos.filter(is_public=True)


def duplicate_row(case: Hazard) -> dict[str, Any]:
    """What anybody may read of an offered case: no words, no name and no voice of its reporter."""
    return {
        "number": case.number,
        "category": case.category,
        "place": case.place if case.at_landmark else str(case.grid or ""),
        "metres": _roughly(case.metres),
        "state": case.state,
        "submitted_at": case.submitted_at,
        "photo": case.photo,
    }


def _roughly(metres):
    """In tens: nobody should find out by trying whose door it is."""
    return None if metres is None else max(round(metres, -1), 10)


def find_duplicates(
    hazard: Hazard, viewer: Viewer | None = None, *, is_reviewer: bool = True
) -> list[Hazard]:
    """The likely duplicates of a case that may still be merged; otherwise none, at no cost.

    With a `viewer` each says in `.opens` whether they may open it. Whoever only reported hears
    of no other case about people.
    """
    if hazard.state not in (State.SUBMITTED, State.ACCEPTED):
        return []
    if not (is_reviewer or hazard.category.offer_as_duplicate):
        return []
    found = likely_duplicates(
        category_id=hazard.category_id,
        subdistrict_id=hazard.subdistrict_id,
        latitude=hazard.latitude,
        longitude=hazard.longitude,
        place=hazard.place,
        but_not=hazard.pk,
        viewer=viewer,
    )
    if not is_reviewer:
        for case in found:
            case.metres = _roughly(case.metres)
    return found
