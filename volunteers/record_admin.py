"""Courses, and the records for reading: they change on their own pages, through the workflow."""

from django.contrib import admin

from stations.access import scope_of
from yuanhang.core.scoped_admin import ReadOnlyMixin, ScopedAdmin

from .models import Certificate, Course, Qualification, ServiceRecord


@admin.register(Course)
class CourseAdmin(ScopedAdmin):
    """课程: shared by all communities; any staff who make activities keep them."""

    staff_may = frozenset({"view", "add", "change"})
    list_display = ("title", "parts", "skill")
    list_select_related = ("skill",)
    search_fields = ("title",)

    def scoped(self, queryset, user):
        """All of them, for community staff."""
        return queryset if scope_of(user).communities else queryset.none()


class OfCommunityAdmin(ReadOnlyMixin, ScopedAdmin):
    """Rows of a community, for its staff to read; who looked at one is kept."""

    staff_may = frozenset({"view"})
    logs_views = True

    def scoped(self, queryset, user):
        """Of the communities the viewer works for."""
        return queryset.filter(community__in=scope_of(user).communities)


@admin.register(ServiceRecord)
class ServiceRecordAdmin(OfCommunityAdmin):
    """The ledger."""

    list_display = ("on", "user", "content", "minutes", "source", "needs_second", "at")
    list_select_related = ("user",)
    list_filter = ("source", "needs_second")
    search_fields = ("content",)


@admin.register(Certificate)
class CertificateAdmin(OfCommunityAdmin):
    """服务证明; the check code stays with the paper."""

    exclude = ("code",)
    list_display = ("number", "community", "minutes", "state", "issued_at")
    list_filter = ("state",)
    search_fields = ("number",)


@admin.register(Qualification)
class QualificationAdmin(ReadOnlyMixin, ScopedAdmin):
    """Who can do what until when."""

    staff_may = frozenset({"view"})
    logs_views = True
    list_display = ("user", "skill", "source", "since", "until", "revoked_at")
    list_select_related = ("user", "skill")
    list_filter = ("skill", "source")

    def scoped(self, queryset, user):
        """Of the people registered with the viewer's communities."""
        return queryset.filter(user__worker__community__in=scope_of(user).communities)
