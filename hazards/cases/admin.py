"""Cases for reading. A case moves on its page, by its verbs."""

from django.contrib import admin
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from hazards.cases import step_words, words
from hazards.cases.models.hazards import Hazard
from hazards.cases.models.steps import Step
from hazards.cases.transitions import REPORTER
from hazards.deadlines import deadlines
from yuanhang.core.scoped_admin import ReadOnlyInline, ReadOnlyMixin, ScopedAdmin


class StepInline(ReadOnlyInline):
    """经过: the steps of a case."""

    model = Step
    fields = readonly_fields = ("at", "what", "state", "who", "note")

    def get_queryset(self, request):
        # With the names of those who acted.
        return super().get_queryset(request).select_related("by", "organisation", "hazard__grid")

    @admin.display(description=_("动作"))
    def what(self, step):
        """As the timeline of the case says it."""
        return step_words.step_title(step, step.hazard)

    @admin.display(description=_("谁"))
    def who(self, step):
        """Staff by name; the reporter is shown on demand alone."""
        if step.by_role == REPORTER:
            return _("上报人")
        return step.by or "–"


@admin.register(Hazard)
class HazardAdmin(ReadOnlyMixin, ScopedAdmin):
    """隐患上报, for looking up."""

    staff_may = frozenset({"view"})
    logs_views = True
    list_display = ("number", "category", "spot", "standing", "urgency", "grid", "submitted_at")
    list_filter = ("state", "category", "urgency", "community")
    list_select_related = ("category", "grid", "community")
    search_fields = ("number",)  # shows the box; what it finds, `get_search_results` says
    date_hierarchy = None
    # The reporter is shown on demand, by the same door as on the case page.
    exclude = ("search", "reporter", "contact_name", "contact_phone")
    readonly_fields = ("case_page",)
    change_form_template = "admin/hazards/hazard_change.html"
    inlines = (StepInline,)

    def scoped(self, queryset, user):
        return queryset.in_charge_of(user)

    def get_search_results(self, request, queryset, search_term):
        # As in the queue; the number of another office is asked for as such.
        found = queryset.matching(search_term)
        if search_term and not found.exists():
            found = queryset.filter(outside_number__iexact=search_term.strip())
        return found, False

    def get_fields(self, request, obj=None):
        # The way to the page where things are done comes first.
        fields = [name for name in super().get_fields(request, obj) if name != "case_page"]
        if obj is not None and not deadlines.has_make_safe(obj):
            fields.remove("standard_case")  # only things are filed under one
        return ["case_page", *fields]

    @admin.display(description=_("地点"))
    def spot(self, hazard):
        """The place in words."""
        return hazard.where

    @admin.display(description=_("状态"), ordering="state")
    def standing(self, hazard):
        """In the words of its kind."""
        return words.state_label(hazard)

    @admin.display(description=_("处理"))
    def case_page(self, hazard):
        return format_html(
            '<a href="{}">{}</a>', hazard.get_absolute_url(), _("到这一件的页面去处理")
        )

    def view_on_site(self, obj):
        return obj.get_absolute_url()
