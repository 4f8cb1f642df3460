"""Accounts, the audit trail, and what left by SMS: for administrators."""

from django.contrib import admin

from yuanhang.core.outbox.models import Delivery, Notice
from yuanhang.core.scoped_admin import ReadOnlyInline, ReadOnlyMixin, ScopedAdmin


class DeliveryInline(ReadOnlyInline):
    """How a notice left."""

    model = Delivery
    fields = ("channel", "state", "attempts", "due_at", "sent_at", "error")
    readonly_fields = fields


@admin.register(Notice)
class NoticeAdmin(ReadOnlyMixin, ScopedAdmin):
    """What people were told."""

    list_display = ("created_at", "kind", "title", "recipient", "read_at")
    list_filter = ("kind",)
    list_select_related = ("recipient",)
    search_fields = ("title",)
    show_full_result_count = False
    inlines = (DeliveryInline,)
