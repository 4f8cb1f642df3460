"""Reports that may be of one place: same kind, within 50 m and 7 days, or at the same landmark."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db.models import (
    BigIntegerField,
    DateTimeField,
    Exists,
    FloatField,
    OuterRef,
    QuerySet,
    Subquery,
    TextField,
)
from django.utils import timezone

from hazards.cases.access import can_open
from hazards.cases.models import row_questions
from hazards.cases.models.attachments import HazardPhoto
from hazards.cases.models.hazards import Hazard
from hazards.cases.states import OPEN_STATES, State
from hazards.catalogue.models import Category
from stations.areas.models import Community, Grid, Landmark
from stations.postings.access import Viewer
from workers.access import is_registered
from yuanhang.core import geo
from yuanhang.core.kept_rows import attach
from yuanhang.core.prepared import marked, prepared

RADIUS_METRES = 50  # farther than a phone's fix is off, nearer than the next crossing
WINDOW = timedelta(days=7)
OFFERED_MAX = 5
WEIGHED_MAX = 100  # newest ones of the square around it


def likely_duplicates(
    *,
    category_id: str,
    subdistrict_id: int,
    latitude: float | None = None,
    longitude: float | None = None,
    place: str = "",
    cases: QuerySet[Hazard],
) -> list[Hazard]:
    """Up to five open cases that may be the same one, nearest first, each with `.metres` (or None).

    `latitude` and `longitude` are WGS-84 degrees. Without a point the same words for the place
    must do: landmarks are chosen from a list, so their spelling is one. `cases` says what comes
    with each.
    """
    cases = cases.open().filter(
        category_id=category_id,
        subdistrict_id=subdistrict_id,
        submitted_at__gte=timezone.now() - WINDOW,
    )
    if latitude is None or longitude is None:
        return _placed(cases.filter(place=place).order_by("-id")[:OFFERED_MAX] if place else ())
    south, west, north, east = geo.bounds(latitude, longitude, RADIUS_METRES)
    box = cases.filter(latitude__range=(south, north), longitude__range=(west, east))
    return _nearest(box.order_by("-id")[:WEIGHED_MAX], latitude, longitude)


def _placed(found: Iterable[Hazard]) -> list[Hazard]:
    """Those found by words: how far each is, nobody knows."""
    cases = list(found)
    for case in cases:
        case.metres = None
    return cases


def _nearest(found: Iterable[Hazard], latitude: float, longitude: float) -> list[Hazard]:
    """Those found in the box that lie in the circle, nearest first."""
    cases = list(found)
    for case in cases:
        case.metres = round(geo.distance(latitude, longitude, case.latitude, case.longitude))
    near = sorted((c for c in cases if c.metres <= RADIUS_METRES), key=lambda c: c.metres)
    return near[:OFFERED_MAX]


@prepared
def _others_near() -> QuerySet[Hazard]:
    degrees = {
        name: marked(name, "float8", FloatField()) for name in ("south", "west", "north", "east")
    }
    box = _others().filter(
        latitude__range=(degrees["south"], degrees["north"]),
        longitude__range=(degrees["west"], degrees["east"]),
    )
    return box.order_by("-id")[:WEIGHED_MAX]


@prepared
def _others_named() -> QuerySet[Hazard]:
    place = marked("place", "text", TextField())
    return _others().filter(place=place).order_by("-id")[:OFFERED_MAX]


def _others() -> QuerySet[Hazard]:
    """The open cases of these days that are of the kind of one, and not this one."""
    return (
        Hazard.objects.open()
        .filter(
            category_id=marked("category", "text", TextField()),
            subdistrict_id=marked("subdistrict", "bigint", BigIntegerField()),
            submitted_at__gte=marked("since", "timestamptz", DateTimeField()),
        )
        .exclude(pk=marked("but_not", "bigint", BigIntegerField()))
        .annotate(photo=row_questions.first_photo(Hazard))
        .defer("search")
    )


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
    of_its_kind = {
        "category": hazard.category_id,
        "subdistrict": hazard.subdistrict_id,
        "since": timezone.now() - WINDOW,
        "but_not": hazard.pk,
    }
    if hazard.has_point:
        point = (hazard.latitude, hazard.longitude)
        south, west, north, east = geo.bounds(*point, RADIUS_METRES)
        box = {"south": south, "west": west, "north": north, "east": east}
        found = _nearest(_others_near(**of_its_kind, **box), *point)
    else:
        named = _others_named(**of_its_kind, place=hazard.place) if hazard.place else ()
        found = _placed(named)
    attach(found, "category", "grid")
    for case in found:
        case.opens = viewer is not None and can_open(viewer, case)
        case.metres = case.metres if is_reviewer else _roughly(case.metres)
    return found
