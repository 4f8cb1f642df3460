"""Accounts, the audit trail, and what left by SMS: for administrators."""

from django.apps import apps
from django.contrib import admin
from django.db.models import Value
from django.utils.translation import gettext_lazy as _

from yuanhang.core.outbox.models import Delivery, Notice
from yuanhang.core.rooms import RoomConfig
from yuanhang.core.scoped_admin import ReadOnlyInline, ReadOnlyMixin, ScopedAdmin


class DeliveryInline(ReadOnlyInline):
    """How a notice left."""

    model = Delivery
    fields = ("channel", "state", "attempts", "due_at", "sent_at", "error")
    readonly_fields = fields


def room_names():
    """{label: name} of the apps that told people something; one query, whatever the number."""
    labels = [app.label for app in apps.get_app_configs() if isinstance(app, RoomConfig)]
    first, *others = (
        Notice.objects.filter(kind__startswith=f"{label}.")
        .order_by()
        .annotate(room=Value(label))
        .values_list("room", flat=True)[:1]
        for label in labels
    )
    told = set(first.union(*others, all=True))
    return {label: apps.get_app_config(label).verbose_name for label in labels if label in told}


class RoomFilter(admin.SimpleListFilter):
    """By what it is about."""

    title, parameter_name = _("关于"), "room"

    def lookups(self, request, model_admin):
        return list(room_names().items())

    def queryset(self, request, queryset):
        return queryset.filter(kind__startswith=f"{self.value()}.") if self.value() else queryset


@admin.register(Notice)
class NoticeAdmin(ReadOnlyMixin, ScopedAdmin):
    """What people were told."""

    list_display = ("created_at", "room", "title", "recipient", "read_at")
    list_filter = (RoomFilter,)
    list_select_related = ("recipient",)
    search_fields = ("title",)
    exclude = ("kind", "key")
    inlines = (DeliveryInline,)

    @admin.display(description=_("关于"), ordering="kind")
    def room(self, notice):
        """The room it comes from, by name."""
        label = notice.kind.partition(".")[0]
        known = apps.app_configs.get(label)
        return known.verbose_name if known else "–"
