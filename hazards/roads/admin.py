"""Lines for riders, written by the community's staff."""

from django.contrib import admin

from hazards.roads.models import RoadLine
from stations.postings.access import own_communities, scope_of
from yuanhang.core.scoped_admin import OwnChoicesMixin, ScopedAdmin


@admin.register(RoadLine)
class RoadLineAdmin(OwnChoicesMixin, ScopedAdmin):
    """路况提醒: a sentence and its days."""

    staff_may = frozenset({"view", "add", "change", "delete"})
    list_display = ("text", "community", "first_day", "last_day")
    list_select_related = ("community",)

    def scoped(self, queryset, user):
        """Of the communities the viewer works for."""
        return queryset.filter(community__in=scope_of(user).communities)

    def choices_of(self, user):
        """One's own communities only."""
        return {"community": own_communities(user)}
