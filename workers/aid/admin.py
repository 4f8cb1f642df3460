"""Who handles requests; of the requests a number, a stage and a day."""

from django.contrib import admin

from workers.aid import aid
from workers.aid.models import AidDesk, AidRequest
from yuanhang.core import editing
from yuanhang.core.scoped_admin import ScopedAdmin


@admin.register(AidDesk)
class AidDeskAdmin(ScopedAdmin):
    """救助负责人: named by administrators, who read nothing themselves."""

    list_display = ("community", "handler", "deputy")
    list_select_related = ("community", "handler", "deputy")
    autocomplete_fields = ("handler", "deputy")

    def create_row(self, request, row, form):
        editing.create(row, by=request.user)
        aid.hand_over(row)

    def edit_row(self, request, row, form):
        editing.edit(row, by=request.user, fields=form.changed_data)
        aid.hand_over(row)


@admin.register(AidRequest)
class AidRequestAdmin(ScopedAdmin):
    """救助: that there is one, how far it is, and since when."""

    nobody_may = frozenset({"add", "change", "delete"})
    list_display = ("number", "stage", "asked_on", "moved_on")
    list_filter = ("stage",)
    fields = ("number", "stage", "asked_on", "moved_on")
    readonly_fields = fields
