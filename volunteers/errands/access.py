"""Who takes errands on, and who looks after them."""

from stations.postings.access import serves_community
from volunteers.errands.models import Errand
from workers.access import worker_of
from yuanhang.core.models import User


def can_claim_errand(user: User, errand: Errand) -> bool:
    """Confirmed registered people of the subdistrict: staff know who goes to the door."""
    worker = worker_of(user)
    if worker is None or not worker.is_confirmed:
        return False
    return worker.community.subdistrict_id == errand.community.subdistrict_id


def can_manage_errand(user: User, errand: Errand) -> bool:
    """Whether they are staff of the community."""
    return serves_community(user, errand.community_id)
