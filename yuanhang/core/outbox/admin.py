"""Notices, and what became of them on their way out: for administrators."""

from django.apps import apps
from django.contrib import admin, messages
from django.db.models import Value
from django.utils.translation import gettext_lazy as _

from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.outbox import settling
from yuanhang.core.outbox.channels import all_channels, channel_of
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
    search_fields = ("recipient__display_name__holds",)
    search_help_text = _("收件人的称呼")
    exclude = ("kind", "key")
    inlines = (DeliveryInline,)

    @admin.display(description=_("关于"), ordering="kind")
    def room(self, notice):
        """The room it comes from, by name."""
        label = notice.kind.partition(".")[0]
        known = apps.app_configs.get(label)
        return known.verbose_name if known else "–"


class ChannelFilter(admin.SimpleListFilter):
    """By the way it goes."""

    title, parameter_name = _("渠道"), "way"

    def lookups(self, request, model_admin):
        return [(channel.name, channel.words) for channel in all_channels()]

    def queryset(self, request, queryset):
        return queryset.filter(channel=self.value()) if self.value() else queryset


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyMixin, ScopedAdmin):
    """外发: what left, what did not, and what nobody knows of, for a person to settle."""

    list_display = ("created_at", "about", "way", "state", "attempts", "tried_at", "error")
    list_filter = ("state", ChannelFilter)
    list_select_related = ("notice",)
    fields = readonly_fields = (
        *("about", "way", "state", "attempts", "deaths", "error", "template"),
        *("created_at", "asked_at", "tried_at", "due_at", "sent_at", "reference", "outside_id"),
    )
    actions = ("send_again", "has_arrived", "has_not_arrived")

    @admin.display(description=_("说的事"))
    def about(self, delivery):
        """The notice's title; of a text to a group its first line."""
        return delivery.notice.title if delivery.notice else delivery.text.partition("\n")[0]

    @admin.display(description=_("渠道"), ordering="channel")
    def way(self, delivery):
        """What people call the channel."""
        return channel_of(delivery.channel).words or delivery.channel

    @admin.action(description=_("再发一次（对方可能收到两遍）"), permissions=["view"])
    def send_again(self, request, queryset):
        """For what was not sent, and what nobody knows of."""
        self._each(request, queryset, settling.send_again, _("%(n)d 条又排上了。"))

    @admin.action(description=_("问过了，收到了"), permissions=["view"])
    def has_arrived(self, request, queryset):
        """For what nobody knows of."""
        self._each(request, queryset, settling.settle, _("%(n)d 条记成收到了。"), arrived=True)

    @admin.action(description=_("问过了，没收到"), permissions=["view"])
    def has_not_arrived(self, request, queryset):
        """For what nobody knows of; it can be sent again afterwards."""
        self._each(request, queryset, settling.settle, _("%(n)d 条记成没收到。"), arrived=False)

    def _each(self, request, queryset, verb, words, **options):
        """Call a verb for each; what was refused is said once for each reason."""
        done, refusals = 0, {}
        for delivery in queryset:
            try:
                verb(delivery, by=request.user, **options)
                done += 1
            except NotAllowedNowError as error:
                refusals[error.message] = refusals.get(error.message, 0) + 1
        if done:
            self.message_user(request, words % {"n": done}, messages.SUCCESS)
        for message, count in refusals.items():
            self.message_user(request, f"{count} × {message}", messages.WARNING)
