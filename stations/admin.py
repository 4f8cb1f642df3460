"""Places and posts: community staff keep their own, administrators everything."""

from django import forms
from django.contrib import admin, messages
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

from yuanhang.core import audit
from yuanhang.core.scoped_admin import OwnChoicesMixin, ScopedAdmin, ScopedInline

from .access import own_communities, scope_of
from .models import (
    ChatRobot,
    Community,
    EmergencyNumber,
    Facility,
    Grid,
    Landmark,
    OpeningHours,
    Organisation,
    Posting,
    Station,
    Subdistrict,
    Zone,
)
from .workflow import send_test


class CommunityScopedAdmin(OwnChoicesMixin, ScopedAdmin):
    """Rows of a community; staff meet those of theirs."""

    community_path = "community"

    def scoped(self, queryset, user):
        """Of the communities the viewer works for."""
        return queryset.filter(**{f"{self.community_path}__in": scope_of(user).communities})

    def choices_of(self, user):
        """One's own places only."""
        mine = own_communities(user)
        return {"community": mine, "zone": Zone.objects.filter(station__community__in=mine)}


@admin.register(Subdistrict)
class SubdistrictAdmin(ScopedAdmin):
    """街道."""

    list_display = ("name", "code", "centre_phone")


@admin.register(Community)
class CommunityAdmin(CommunityScopedAdmin):
    """社区; staff keep the phone current."""

    community_path = "pk"
    staff_may = frozenset({"view", "change"})
    list_display = ("name", "subdistrict", "desk_phone", "is_home")
    list_select_related = ("subdistrict",)

    def get_readonly_fields(self, request, obj=None):
        """What a community is, is not its staff's to change."""
        return () if request.user.is_superuser else ("subdistrict", "name", "is_home")


@admin.register(Grid)
class GridAdmin(CommunityScopedAdmin):
    """网格; boundaries are drawn by administrators."""

    staff_may = frozenset({"view"})
    list_display = ("name", "number", "community")
    list_filter = ("community",)
    list_select_related = ("community",)


@admin.register(Landmark)
class LandmarkAdmin(CommunityScopedAdmin):
    """地标: what people call a place."""

    staff_may = frozenset({"view", "add", "change", "delete"})
    list_display = ("name", "community", "latitude", "longitude")
    list_filter = ("community",)
    list_select_related = ("community",)
    search_fields = ("name",)


class HoursInline(ScopedInline):
    """开放时间."""

    model = OpeningHours


class ZoneInline(ScopedInline):
    """分区."""

    model = Zone


@admin.register(Station)
class StationAdmin(CommunityScopedAdmin):
    """驿站 with hours and floors."""

    staff_may = frozenset({"view", "change"})
    list_display = ("name", "community", "address", "desk_phone", "is_listed")
    list_select_related = ("community",)
    prepopulated_fields = {"slug": ("name",)}
    inlines = (HoursInline, ZoneInline)

    def get_prepopulated_fields(self, request, obj=None):
        """Only while a station is new; its address on posters does not change."""
        return {} if obj else self.prepopulated_fields

    def get_readonly_fields(self, request, obj=None):
        """The slug is printed on posters."""
        return () if request.user.is_superuser else ("community", "slug")

    def view_on_site(self, obj):
        """The public page."""
        return obj.get_absolute_url()


@admin.register(Facility)
class FacilityAdmin(CommunityScopedAdmin):
    """设施: the condition is one click in the list."""

    community_path = "zone__station__community"
    staff_may = frozenset({"view", "add", "change", "delete"})
    list_display = ("name", "zone", "condition", "remark", "checked_at")
    list_editable = ("condition", "remark")
    list_filter = ("condition", "zone__station")
    list_select_related = ("zone",)
    exclude = ("checked_at",)
    actions = ("mark_checked",)

    @admin.action(description=_("看过了，记下现在的时间"), permissions=["change"])
    def mark_checked(self, request, queryset):
        """Somebody walked round; the condition in the list is what they saw."""
        now = timezone.now()
        count = queryset.update(checked_at=now, updated_at=now)
        audit.record("stations.checked", None, by=request.user, changes={"facilities": count})
        self.message_user(request, _("记下了 %(n)d 项。") % {"n": count})

    def save_model(self, request, obj, form, change):
        """Whoever sets the condition has looked."""
        if not change or "condition" in form.changed_data:
            obj.checked_at = timezone.now()
        super().save_model(request, obj, form, change)


@admin.register(Organisation)
class OrganisationAdmin(ScopedAdmin):
    """单位."""

    staff_may = frozenset({"view"})
    list_display = ("name", "kind", "subdistrict", "phone", "is_active")
    list_filter = ("kind", "is_active")
    list_select_related = ("subdistrict",)
    search_fields = ("name",)

    def scoped(self, queryset, user):
        """Of the subdistrict the viewer works in."""
        communities = scope_of(user).communities
        return queryset.filter(subdistrict__communities__in=communities).distinct()


@admin.register(Posting)
class PostingAdmin(ScopedAdmin):
    """岗位: given by administrators, seen by the staff of the place."""

    staff_may = frozenset({"view"})
    list_display = ("user", "role", "place", "start", "end")
    list_filter = ("role",)
    list_select_related = ("user", "grid", "station", "community", "subdistrict")
    raw_id_fields = ("user",)
    search_fields = ("user__display_name",)

    def scoped(self, queryset, user):
        """Of the viewer's communities, their grids and stations."""
        communities = scope_of(user).communities
        return (
            queryset.filter(community__in=communities)
            | queryset.filter(grid__community__in=communities)
            | queryset.filter(station__community__in=communities)
        )

    def save_model(self, request, obj, form, change):
        """Who may see what changed: that is kept."""
        super().save_model(request, obj, form, change)
        values = {"role": obj.role, "place": str(obj.place), "end": str(obj.end or "")}
        audit.record("stations.posting", obj, by=request.user, changes=values)

    def delete_model(self, request, obj):
        """A post that was a mistake; an ended one gets an end date instead."""
        audit.record("stations.posting_removed", obj, by=request.user)
        super().delete_model(request, obj)


@admin.register(EmergencyNumber)
class EmergencyNumberAdmin(ScopedAdmin):
    """应急电话."""

    list_display = ("number", "label", "order", "is_first")
    list_editable = ("order", "is_first")


class RobotForm(forms.ModelForm):
    """A robot; its address goes in and never comes out again."""

    url = forms.CharField(
        label=_("Webhook 地址"),
        max_length=300,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "class": "vTextField"}),
        help_text=_("地址就是密码，存好以后只显示最后四位。留空则不改。"),
    )

    class Meta:
        model = ChatRobot
        fields = ("name", "grid", "community", "url", "is_active")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial["url"] = ""  # so that an empty field is no change
        if self.instance.pk:
            self.fields["url"].required = False
            self.fields["url"].widget.attrs["placeholder"] = self.instance.masked_url

    def clean_url(self):
        """What was typed, else what is stored."""
        return self.cleaned_data["url"] or self.instance.url


@admin.register(ChatRobot)
class ChatRobotAdmin(ScopedAdmin):
    """群机器人: whoever sets one decides which chat hears of a place, so administrators only."""

    form = RobotForm
    list_display = ("name", "place", "masked", "is_active")
    list_filter = ("is_active",)
    list_select_related = ("grid", "community")
    search_fields = ("name",)
    fields = ("name", "grid", "community", "url", "is_active", "recent")
    readonly_fields = ("recent",)
    actions = ("test",)

    @admin.display(description=_("网格或社区"))
    def place(self, obj):
        """The grid or the community."""
        return obj.place

    @admin.display(description=_("Webhook 地址"))
    def masked(self, obj):
        """The last four characters of the key."""
        return obj.masked_url

    @admin.display(description=_("最近的消息"))
    def recent(self, obj):
        """When, what became of it, and why; the text itself is in the group."""
        if obj.pk is None:
            return "–"
        lines = []
        for message in obj.messages.all()[:10]:
            at = timezone.localtime(message.created_at).strftime("%m-%d %H:%M")
            lines.append((at, message.get_state_display(), message.error))
        return format_html_join(mark_safe("<br>"), "{} {} {}", lines) or "–"

    def lookup_allowed(self, lookup, value, request=None):
        """No guessing of the address through the list's filters."""
        return not lookup.startswith("url") and super().lookup_allowed(lookup, value, request)

    @admin.action(description=_("发一条测试消息"), permissions=["change"])
    def test(self, request, queryset):
        """One message per robot that is switched on; what became of it stands on its page."""
        robots = [robot for robot in queryset if robot.is_active]
        for robot in robots:
            send_test(robot)
            audit.record("stations.robot_tested", robot, by=request.user)
        self.message_user(request, _("%(n)d 条测试消息在路上了。") % {"n": len(robots)})
        if len(robots) < len(queryset):
            self.message_user(request, _("没启用的机器人没有发。"), messages.WARNING)

    def save_model(self, request, obj, form, change):
        """Which chat hears of a place changed: that is kept, the address only masked."""
        super().save_model(request, obj, form, change)
        values = {"place": str(obj.place), "url": obj.masked_url, "active": obj.is_active}
        audit.record("stations.robot", obj, by=request.user, changes=values)

    def delete_model(self, request, obj):
        """Its messages go with it."""
        audit.record("stations.robot_removed", obj, by=request.user)
        super().delete_model(request, obj)

    def delete_queryset(self, request, queryset):
        """The list's own action keeps the trail too."""
        for robot in queryset:
            audit.record("stations.robot_removed", robot, by=request.user)
        super().delete_queryset(request, queryset)
