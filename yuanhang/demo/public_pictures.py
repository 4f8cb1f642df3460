"""Pictures that the demo's reviewers have looked at and let everybody see."""

from hazards.cases.models.hazards import Hazard
from hazards.cases.notifications import reviewers_of
from hazards.cases.states import OPEN_STATES, State
from hazards.catalogue.models import Category
from hazards.published import public

# Kinds whose place is known again by a picture, before the work is done.
SHOWN_OPEN = ("manhole", "ice", "rubbish")


def publish_some() -> None:
    """All pairs of closed cases, and pictures of a few open ones of the kinds that show them."""
    Category.objects.filter(key__in=SHOWN_OPEN).update(shows_open_pictures=True)
    cases = Hazard.objects.filter(category__may_be_published=True).prefetch_related("photos")
    for hazard in cases.filter(state=State.CLOSED):
        repairs = {photo.is_repair for photo in hazard.photos.all()}
        if repairs == {True, False}:
            _publish(hazard)
    known_again = cases.filter(state__in=OPEN_STATES, category__in=SHOWN_OPEN).order_by("-id")
    for hazard in known_again[::2]:
        _publish(hazard)


def _publish(hazard):
    by = reviewers_of(hazard)[0]
    for photo in hazard.photos.all():
        public.publish(photo, by=by, boxes=[])
