"""Categories, standard cases and ready sentences, for editing."""

from django.contrib import admin

from hazards.catalogue.models import Category, EndReason, ReplyTemplate, StandardCase, Symptom
from yuanhang.core.scoped_admin import ScopedAdmin


@admin.register(ReplyTemplate)
class ReplyTemplateAdmin(ScopedAdmin):
    """常用的话: ready sentences."""

    staff_may = frozenset({"view", "add", "change", "delete"})
    list_display = ("text", "verb", "category", "kind", "order", "is_active")
    list_editable = ("order", "is_active")
    list_filter = ("verb", "category")
    list_select_related = ("category",)

    def scoped(self, queryset, user):
        """Shared by everybody who answers reporters."""
        return queryset


@admin.register(Category)
class CategoryAdmin(ScopedAdmin):
    """隐患类别: the buttons of the report form."""

    list_display = (
        "name",
        "seal",
        "key",
        "kind",
        "order",
        "urgency",
        "is_dangerous",
        "may_be_published",
        "shows_open_pictures",
        "ask_passers_by",
        "offer_as_duplicate",
        "warns_riders",
        "is_active",
    )
    list_editable = ("order", "urgency", "is_active")


@admin.register(StandardCase)
class StandardCaseAdmin(ScopedAdmin):
    """立案标准: every city has its own limits, so all of it can be edited."""

    staff_may = frozenset({"view"})
    list_display = (
        "code",
        "name",
        "open_condition",
        "close_condition",
        "limit",
        "unit",
        "is_active",
    )
    list_display_links = ("code", "name")
    list_editable = ("limit", "unit", "is_active")
    list_filter = ("scheme", "version", "kind", "categories", "is_active")
    search_fields = ("code", "name", "open_condition")
    filter_horizontal = ("categories", "organisations")

    def scoped(self, queryset, user):
        """Everybody may look up a standard."""
        return queryset


@admin.register(EndReason)
class EndReasonAdmin(ScopedAdmin):
    """了结原因: why a case may end without a repair."""

    staff_may = frozenset({"view"})
    list_display = ("text", "kind", "asks", "holds_for_place", "order", "is_active")
    list_editable = ("order", "is_active")

    def scoped(self, queryset, user):
        """Shared by everybody who ends cases."""
        return queryset


@admin.register(Symptom)
class SymptomAdmin(ScopedAdmin):
    """情形: the words that a reporter may tap, three or four for each category."""

    staff_may = frozenset({"view"})
    list_display = ("text", "category", "standard_case", "order", "is_active")
    list_editable = ("order", "is_active")
    list_filter = ("category",)
    list_select_related = ("category", "standard_case")
    autocomplete_fields = ("standard_case",)

    def scoped(self, queryset, user):
        """Shared by everybody who reviews."""
        return queryset
