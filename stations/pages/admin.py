"""Pages and cards: community staff and administrators edit title and text."""

from django.contrib import admin

from stations.pages.models import Page
from yuanhang.core.scoped_admin import ScopedAdmin


@admin.register(Page)
class PageAdmin(ScopedAdmin):
    """页面和卡片: other pages link to them, so their address stays and none goes."""

    staff_may = frozenset({"view", "change"})
    nobody_may = frozenset({"delete"})
    list_display = ("title", "slug", "is_card", "updated_at")
    fields = ("title", "text", "slug", "is_card", "order")

    def scoped(self, queryset, user):
        """The site has one set of them, which all staff look after."""
        return queryset

    def get_readonly_fields(self, request, obj=None):
        # The address is linked and printed.
        fixed = ("slug",) if obj else ()
        return fixed if request.user.is_superuser else ("slug", "is_card", "order")

    def view_on_site(self, obj):
        return obj.get_absolute_url()
