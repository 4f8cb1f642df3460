"""Places and posts: community staff keep their own, administrators everything."""

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError

from stations.areas.boundaries import in_wgs84
from stations.areas.models import Community, Grid, Landmark, Subdistrict
from stations.houses.models import Zone
from stations.postings.access import own_communities, scope_of
from yuanhang.core.located_form import DatumField
from yuanhang.core.models import Located
from yuanhang.core.scoped_admin import OwnChoicesMixin, ScopedAdmin


class CommunityScopedAdmin(OwnChoicesMixin, ScopedAdmin):
    """Rows of a community; staff meet those of theirs."""

    community_path = "community"

    def scoped(self, queryset, user):
        """Of the communities the viewer works for."""
        return queryset.filter(**{f"{self.community_path}__in": scope_of(user).communities})

    def choices_of(self, user):
        """One's own places only."""
        mine = own_communities(user)
        return {"community": mine, "zone": Zone.objects.filter(station__community__in=mine)}


@admin.register(Subdistrict)
class SubdistrictAdmin(ScopedAdmin):
    """街道: subdistrict."""

    list_display = ("name", "code", "number_prefix", "centre_phone")


@admin.register(Community)
class CommunityAdmin(CommunityScopedAdmin):
    """社区; staff keep the phone current."""

    community_path = "pk"
    staff_may = frozenset({"view", "change"})
    list_display = ("name", "subdistrict", "desk_phone", "is_home")
    list_select_related = ("subdistrict",)

    def get_readonly_fields(self, request, obj=None):
        # What a community is, is not its staff's to change.
        return () if request.user.is_superuser else ("subdistrict", "name", "is_home")


class GridForm(forms.ModelForm):
    """A grid, whose boundary may be pasted in any of the three datums."""

    boundary_datum = DatumField()

    class Meta:
        model = Grid
        fields = ("community", "number", "name", "boundary")

    def clean(self):
        # What is stored is one plain polygon in WGS-84.
        cleaned = super().clean()
        if cleaned.get("boundary") is not None:
            datum = cleaned.get("boundary_datum", Located.Datum.WGS84)
            try:
                cleaned["boundary"] = in_wgs84(cleaned["boundary"], datum)
            except ValidationError as refused:
                self.add_error("boundary", refused)
        return cleaned


@admin.register(Grid)
class GridAdmin(CommunityScopedAdmin):
    """网格; boundaries are drawn by administrators."""

    form = GridForm
    fields = (*GridForm.Meta.fields, "boundary_datum")
    staff_may = frozenset({"view"})
    list_display = ("name", "number", "community")
    list_filter = ("community",)
    list_select_related = ("community",)

    def get_fields(self, request, obj=None):
        # Who may only read is not asked in which datum they type.
        may_change = self.has_change_permission(request, obj)
        return self.fields if may_change else GridForm.Meta.fields


@admin.register(Landmark)
class LandmarkAdmin(CommunityScopedAdmin):
    """地标: what people call a place."""

    staff_may = frozenset({"view", "add", "change", "delete"})
    list_display = ("name", "community", "latitude", "longitude")
    list_filter = ("community",)
    list_select_related = ("community",)
    search_fields = ("name",)
