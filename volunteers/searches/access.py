"""Who learns whom a search is for, and who ends it."""

from stations.postings.access import serves_community
from volunteers.searches.models import SearchNotice
from yuanhang.core.models import User


def can_see_person(user: User, notice: SearchNotice) -> bool:
    """Confirmed people of the community and those who serve it learn whom to look for."""
    return SearchNotice.objects.in_full_for(user).filter(pk=notice.pk).exists()


def can_end_search(user: User, notice: SearchNotice) -> bool:
    """Staff of the community say that the missing person was found."""
    return serves_community(user, notice.community_id)
