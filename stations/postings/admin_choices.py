"""Choices of the admin that are narrowed to the places somebody serves."""

from stations.areas.models import Grid
from stations.postings.access import own_communities
from yuanhang.core.scoped_admin import OwnChoicesMixin


class OwnPlacesMixin(OwnChoicesMixin):
    """For a ModelAdmin: one's own communities and their grids."""

    def choices_of(self, user):
        mine = own_communities(user)
        grids = Grid.objects.filter(community__in=mine).select_related("community")
        return {"community": mine, "grid": grids}
