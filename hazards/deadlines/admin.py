"""The working hours, for editing."""

from django.contrib import admin

from hazards.deadlines.models import WorkingSpan
from yuanhang.core.scoped_admin import ScopedAdmin


@admin.register(WorkingSpan)
class WorkingSpanAdmin(ScopedAdmin):
    """工作时间: what 工作时 and 工作日 count; with none, the usual hours hold."""

    list_display = ("__str__", "opens", "closes")
