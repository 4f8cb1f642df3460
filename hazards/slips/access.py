"""Who has a slip in hand, and what it lets a foreman see."""

from django.db.models import QuerySet

from hazards.cases.access import is_centre
from hazards.cases.models.attachments import HazardPhoto
from hazards.cases.models.hazards import Hazard
from yuanhang.core.models import User


def can_manage_slip(user: User, hazard: Hazard) -> bool:
    """The officers of the centre that dispatched: they read the code to the unit."""
    return is_centre(user, hazard)


def released_photos(hazard: Hazard) -> QuerySet[HazardPhoto]:
    """The covered copies that a reviewer released: nothing else leaves with a link."""
    shown = HazardPhoto.objects.filter(hazard=hazard, is_public=True).exclude(public_image="")
    return shown.order_by("id")
