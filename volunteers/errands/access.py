"""Who may do what with activities, sessions and sign-ups."""

from stations.postings.access import serves_community
from workers.access import worker_of


def can_claim_errand(user, errand):
    """Confirmed registered people of the subdistrict: staff know who goes to the door."""
    worker = worker_of(user)
    if worker is None or not worker.is_confirmed:
        return False
    return worker.community.subdistrict_id == errand.community.subdistrict_id


def can_manage_errand(user, errand):
    """Staff of the community."""
    return serves_community(user, errand.community_id)
