"""Records for reading: they change on their own pages, by their verbs."""

from django.contrib import admin

from stations.postings.access import scope_of
from volunteers.record.models.certificates import Certificate
from volunteers.record.models.service_records import ServiceRecord
from yuanhang.core.scoped_admin import ReadOnlyMixin, ScopedAdmin
from yuanhang.core.text import folded, trimmed


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
    search_fields = ("content__holds",)


@admin.register(Certificate)
class CertificateAdmin(OfCommunityAdmin):
    """服务证明; the check code stays with the paper."""

    exclude = ("code",)
    list_display = ("number", "community", "minutes", "state", "issued_at")
    list_filter = ("state",)
    search_fields = ("number",)  # shows the box; what it finds, `get_search_results` says

    def get_search_results(self, request, queryset, search_term):
        # Whole, as it stands on the paper.
        asked = trimmed(folded(search_term)).upper()
        return (queryset.filter(number=asked) if asked else queryset), False
