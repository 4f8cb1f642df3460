"""Who ends a search."""

from stations.postings.access import serves_community
from volunteers.searches.models import SearchNotice
from yuanhang.core.models import User


def can_end_search(user: User, notice: SearchNotice) -> bool:
    """Staff of the community say that the missing person was found."""
    return serves_community(user, notice.community_id)
