"""The camera's own position, offered to whoever sent the photo: used when they say so, or dropped.

Browsers with scripts ask before sending, and what they draw anew carries no position. This is for
all others: the receipt asks. Nobody but the reporter is shown the point before that.
"""

from django.conf import settings

from hazards.cases.attachments import Attachments
from hazards.cases.models.hazards import Hazard
from hazards.cases.models.photo_places import PhotoPlace
from hazards.cases.models.steps import Step
from hazards.cases.states import State
from hazards.cases.transitions import REPORTER
from stations.areas.models import Community
from yuanhang.core import geo
from yuanhang.core.erasures import erasures

CAMERA_METRES = 30.0  # what a phone's camera is off by, as far as it ever says
ELSEWHERE_METRES = 200.0  # nearer than that a photo says nothing new


def keep(hazard: Hazard, step: Step, attachments: Attachments) -> None:
    """Keep the position of a reporter's photos to ask about, where it says something new.

    A pin that somebody set knows better, and a place far from all of ours is somebody's home.
    """
    positions = [photo.position for photo in attachments.photos if photo.position]
    if not positions or step.by_role != REPORTER or hazard.state != State.SUBMITTED:
        return
    latitude, longitude = positions[0]
    if hazard.location_source == Hazard.Source.PIN or not _is_news(hazard, latitude, longitude):
        return
    PhotoPlace.objects.update_or_create(
        hazard=hazard, defaults={"latitude": latitude, "longitude": longitude, "at": step.at}
    )


def _is_news(hazard: Hazard, latitude: float, longitude: float) -> bool:
    _community, metres = Community.objects.nearest(latitude, longitude)
    if metres is None or metres > settings.FAR_AWAY_METRES:
        return False
    if not hazard.has_point:
        return True
    away = geo.distance(latitude, longitude, hazard.latitude, hazard.longitude)
    return away >= ELSEWHERE_METRES


def offered(hazard: Hazard) -> PhotoPlace | None:
    """What the reporter is asked about now; nothing once somebody works with what they have."""
    if hazard.state != State.SUBMITTED:
        return None
    return PhotoPlace.objects.filter(hazard=hazard).first()


def take(hazard: Hazard) -> PhotoPlace | None:
    """The offered place, which is gone with this; the caller holds the row of the case."""
    place = PhotoPlace.objects.filter(hazard=hazard).first()
    if place:
        erasures.delete(place)
    return place
