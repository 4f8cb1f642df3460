"""Cases for reading. A case moves on its page, by its verbs."""

from django.contrib import admin
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from hazards.cases.models.hazards import Hazard
from hazards.cases.models.steps import Step
from yuanhang.core.scoped_admin import ReadOnlyInline, ReadOnlyMixin, ScopedAdmin


class StepInline(ReadOnlyInline):
    """经过: the steps of a case."""

    model = Step
    fields = readonly_fields = ("at", "verb", "state", "by", "by_role", "note")


@admin.register(Hazard)
class HazardAdmin(ReadOnlyMixin, ScopedAdmin):
    """隐患上报, for looking up."""

    staff_may = frozenset({"view"})
    logs_views = True
    list_display = ("number", "category", "where", "state", "urgency", "grid", "submitted_at")
    list_filter = ("state", "category", "urgency", "community")
    list_select_related = ("category", "grid", "community")
    search_fields = ("=number", "place", "=outside_number")
    show_full_result_count = False
    date_hierarchy = None
    exclude = ("search",)
    readonly_fields = ("case_page",)
    inlines = (StepInline,)

    def scoped(self, queryset, user):
        return queryset.in_charge_of(user)

    def get_fields(self, request, obj=None):
        # The way to the page where things are done comes first.
        fields = [name for name in super().get_fields(request, obj) if name != "case_page"]
        return ["case_page", *fields]

    @admin.display(description=_("处理"))
    def case_page(self, hazard):
        return format_html(
            '<a href="{}">{}</a>', hazard.get_absolute_url(), _("到这一件的页面去处理")
        )

    def view_on_site(self, obj):
        return obj.get_absolute_url()
