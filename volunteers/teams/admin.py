"""Teams in the admin: staff make them and name who leads; members come and go on the pages."""

from django.contrib import admin, messages
from django.utils.translation import gettext_lazy as _

from stations.postings.admin_choices import OwnPlacesMixin
from volunteers.teams import teams
from volunteers.teams.models import Membership, Team
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.scoped_admin import ReadOnlyMixin, ScopedAdmin


@admin.register(Team)
class TeamAdmin(OwnPlacesMixin, ScopedAdmin):
    """队伍 of one's community; what became of one is history, so none is deleted."""

    staff_may = frozenset({"view", "add", "change"})
    nobody_may = frozenset({"delete"})
    list_display = ("name", "kind", "community", "is_active")
    list_filter = ("kind", "is_active")
    list_select_related = ("community",)
    search_fields = ("name",)

    def scoped(self, queryset, user):
        return queryset.managed_by(user)

    def get_readonly_fields(self, request, obj=None):
        # People agreed to be in a team of this kind; it does not turn into another.
        return ("kind", "community") if obj else ()

    def create_row(self, request, row, form):
        teams.create(row, by=request.user)

    def edit_row(self, request, row, form):
        teams.edit(row, by=request.user, fields=form.changed_data)


@admin.register(Membership)
class MembershipAdmin(ReadOnlyMixin, ScopedAdmin):
    """队员: to read, and to name the leader."""

    staff_may = frozenset({"view"})
    logs_views = True
    list_display = ("team", "user", "is_leader", "asked_at", "joined_at")
    list_filter = (("team", admin.RelatedOnlyFieldListFilter),)
    list_select_related = ("team", "user")
    ordering = ("team", "pk")
    exclude = ("left_at",)
    actions = ("appoint",)

    def scoped(self, queryset, user):
        return queryset.managed_by(user)

    @admin.action(description=_("任命为队长"), permissions=["view"])
    def appoint(self, request, queryset):
        """One at a time: a team has one leader."""
        rows = list(queryset.select_related("team")[:2])
        if len(rows) != 1:
            self.message_user(request, _("一次选一位。"), messages.WARNING)
            return
        try:
            teams.appoint_leader(rows[0].team, rows[0].pk, by=request.user)
        except NotAllowedNowError as error:
            self.message_user(request, error.message, messages.WARNING)
        else:
            self.message_user(request, _("任命好了，已经通知本人。"))
