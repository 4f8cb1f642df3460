"""The one door to a community's street map: replaced as a whole, or taken away."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from stations.areas.models import Community, Landmark
from stations.streets.models import MapShape, StreetMap
from stations.streets.reading import ReadMap
from yuanhang.core import audit
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.models import User


@transaction.atomic
def replace(
    community: Community,
    read: ReadMap,
    *,
    by: User,
    source: str = "",
    seen: datetime | None = None,
) -> StreetMap:
    """Put what was read in the place of the community's map; returns the `StreetMap`.

    Landmarks of the file come to those that are there, and move one of the same name: reports
    were filed under those, so none is taken away. `seen` is when the map that is being replaced
    was changed last, as whoever replaces it saw it, None where they saw none. Raises
    NotAllowedNowError where somebody else was faster.
    """
    # The community's row, because the map's own may not be there yet.
    Community.objects.select_for_update().get(pk=community.pk)
    found = _present(community)
    if (found.updated_at if found else None) != seen:
        raise NotAllowedNowError(_("刚才有人换过这份底图，看一眼再换。"))
    verb = "edit" if found else "create"
    found = found or StreetMap(community=community)
    found.source = source
    found.save()
    found.shapes.all().delete()
    MapShape.objects.bulk_create(
        MapShape(street_map=found, kind=one.kind, name=one.name, points=one.points, **one.box)
        for one in read.shapes
    )
    _place_landmarks(community, read)
    counts = {"shapes": len(read.shapes), "landmarks": len(read.landmarks)}
    audit.record(f"stations.{verb}_streetmap", found, by=by, changes=counts)
    return found


def _present(community):
    return StreetMap.objects.filter(community=community).first()


def _place_landmarks(community, read):
    for name, (longitude, latitude) in read.landmarks.items():
        where = {"latitude": latitude, "longitude": longitude, "datum": Landmark.Datum.WGS84}
        Landmark.objects.update_or_create(community=community, name=name, defaults=where)
