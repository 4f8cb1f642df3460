"""Places and posts: community staff keep their own, administrators everything."""

from django.contrib import admin
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from yuanhang.core import audit
from yuanhang.core.scoped_admin import ScopedAdmin, ScopedInline

from .access import scope_of
from .models import (
    Community,
    EmergencyNumber,
    Facility,
    Grid,
    Landmark,
    OpeningHours,
    Organisation,
    Posting,
    Station,
    Subdistrict,
    Zone,
)


class CommunityScopedAdmin(ScopedAdmin):
    """Rows of a community; staff meet those of theirs."""

    community_path = "community"

    def scoped(self, queryset, user):
        """Of the communities the viewer works for."""
        return queryset.filter(**{f"{self.community_path}__in": scope_of(user).communities})

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        """Staff choose among their own places only."""
        if not request.user.is_superuser:
            communities = scope_of(request.user).communities
            chosen = {
                "community": Community.objects.filter(pk__in=communities),
                "zone": Zone.objects.filter(station__community__in=communities),
            }.get(db_field.name)
            if chosen is not None:
                kwargs["queryset"] = chosen
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(Subdistrict)
class SubdistrictAdmin(ScopedAdmin):
    """街道."""

    list_display = ("name", "code", "centre_phone")


@admin.register(Community)
class CommunityAdmin(CommunityScopedAdmin):
    """社区; staff keep the phone current."""

    community_path = "pk"
    staff_may = frozenset({"view", "change"})
    list_display = ("name", "subdistrict", "desk_phone", "is_home")
    list_select_related = ("subdistrict",)

    def get_readonly_fields(self, request, obj=None):
        """What a community is, is not its staff's to change."""
        return () if request.user.is_superuser else ("subdistrict", "name", "is_home")


@admin.register(Grid)
class GridAdmin(CommunityScopedAdmin):
    """网格; boundaries are drawn by administrators."""

    staff_may = frozenset({"view"})
    list_display = ("name", "number", "community")
    list_filter = ("community",)
    list_select_related = ("community",)


@admin.register(Landmark)
class LandmarkAdmin(CommunityScopedAdmin):
    """地标: what people call a place."""

    staff_may = frozenset({"view", "add", "change", "delete"})
    list_display = ("name", "community", "latitude", "longitude")
    list_filter = ("community",)
    list_select_related = ("community",)
    search_fields = ("name",)


class HoursInline(ScopedInline):
    """开放时间."""

    model = OpeningHours


class ZoneInline(ScopedInline):
    """分区."""

    model = Zone


@admin.register(Station)
class StationAdmin(CommunityScopedAdmin):
    """驿站 with hours and floors."""

    staff_may = frozenset({"view", "change"})
    list_display = ("name", "community", "address", "desk_phone", "is_listed")
    list_select_related = ("community",)
    prepopulated_fields = {"slug": ("name",)}
    inlines = (HoursInline, ZoneInline)

    def get_prepopulated_fields(self, request, obj=None):
        """Only while a station is new; its address on posters does not change."""
        return {} if obj else self.prepopulated_fields

    def get_readonly_fields(self, request, obj=None):
        """The slug is printed on posters."""
        return () if request.user.is_superuser else ("community", "slug")

    def view_on_site(self, obj):
        """The public page."""
        return obj.get_absolute_url()


@admin.register(Facility)
class FacilityAdmin(CommunityScopedAdmin):
    """设施: the condition is one click in the list."""

    community_path = "zone__station__community"
    staff_may = frozenset({"view", "add", "change", "delete"})
    list_display = ("name", "zone", "condition", "remark", "checked_at")
    list_editable = ("condition", "remark")
    list_filter = ("condition", "zone__station")
    list_select_related = ("zone",)
    exclude = ("checked_at",)
    actions = ("mark_checked",)

    @admin.action(description=_("看过了，记下现在的时间"), permissions=["change"])
    def mark_checked(self, request, queryset):
        """Somebody walked round; the condition in the list is what they saw."""
        now = timezone.now()
        count = queryset.update(checked_at=now, updated_at=now)
        audit.record("stations.checked", None, by=request.user, changes={"facilities": count})
        self.message_user(request, _("记下了 %(n)d 项。") % {"n": count})

    def save_model(self, request, obj, form, change):
        """Whoever sets the condition has looked."""
        if not change or "condition" in form.changed_data:
            obj.checked_at = timezone.now()
        super().save_model(request, obj, form, change)


@admin.register(Organisation)
class OrganisationAdmin(ScopedAdmin):
    """单位."""

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

    def save_model(self, request, obj, form, change):
        """Who may see what changed: that is kept."""
        super().save_model(request, obj, form, change)
        values = {"role": obj.role, "place": str(obj.place), "end": str(obj.end or "")}
        audit.record("stations.posting", obj, by=request.user, changes=values)

    def delete_model(self, request, obj):
        """A post that was a mistake; an ended one gets an end date instead."""
        audit.record("stations.posting_removed", obj, by=request.user)
        super().delete_model(request, obj)


@admin.register(EmergencyNumber)
class EmergencyNumberAdmin(ScopedAdmin):
    """应急电话."""

    list_display = ("number", "label", "order", "is_first")
    list_editable = ("order", "is_first")
