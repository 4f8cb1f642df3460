"""Places and posts: community staff keep their own, administrators everything."""

from django.contrib import admin

from stations.postings import postings
from stations.postings.access import scope_of
from stations.postings.models import Organisation, Posting
from yuanhang.core.scoped_admin import ScopedAdmin


@admin.register(Organisation)
class OrganisationAdmin(ScopedAdmin):
    """单位: organisations."""

    staff_may = frozenset({"view"})
    list_display = ("name", "kind", "subdistrict", "phone", "is_active")
    list_filter = ("kind", "is_active")
    list_select_related = ("subdistrict",)
    search_fields = ("name",)

    def scoped(self, queryset, user):
        """Of the subdistrict the viewer works in."""
        communities = scope_of(user).communities
        return queryset.filter(subdistrict__communities__in=communities).distinct()


@admin.register(Posting)
class PostingAdmin(ScopedAdmin):
    """岗位: given by administrators, seen by the staff of the place."""

    staff_may = frozenset({"view"})
    list_display = ("user", "role", "place", "start", "end")
    list_filter = ("role",)
    list_select_related = ("user", "grid", "station", "community", "subdistrict")
    raw_id_fields = ("user",)
    search_fields = ("user__display_name",)

    def scoped(self, queryset, user):
        """Of the viewer's communities, their grids and stations."""
        communities = scope_of(user).communities
        return (
            queryset.filter(community__in=communities)
            | queryset.filter(grid__community__in=communities)
            | queryset.filter(station__community__in=communities)
        )

    def create_row(self, request, row, form):
        postings.create(row, by=request.user)

    def edit_row(self, request, row, form):
        postings.edit(row, by=request.user)

    def remove_row(self, request, row):
        postings.remove(row, by=request.user)
