"""Places and posts: community staff keep their own, administrators everything."""

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from stations.areas.admin import CommunityScopedAdmin
from stations.houses import facilities, friendly_places
from stations.houses.models import (
    EmergencyNumber,
    Facility,
    FriendlyPlace,
    OpeningHours,
    Station,
    Zone,
)
from yuanhang.core.scoped_admin import ScopedAdmin, ScopedInline


class HoursInline(ScopedInline):
    """开放时间: opening hours."""

    model = OpeningHours


class ZoneInline(ScopedInline):
    """分区: floors of the station."""

    model = Zone


@admin.register(Station)
class StationAdmin(CommunityScopedAdmin):
    """驿站 with hours and floors."""

    staff_may = frozenset({"view", "change"})
    list_display = ("name", "community", "address", "desk_phone", "is_listed")
    list_select_related = ("community",)
    exclude = ("kind", "agreed_by", "agreed_on")
    prepopulated_fields = {"slug": ("name",)}
    inlines = (HoursInline, ZoneInline)

    def get_queryset(self, request):
        # Friendly places have a list of their own.
        return super().get_queryset(request).stations()

    def get_prepopulated_fields(self, request, obj=None):
        """Only while a station is new; its address on posters does not change."""
        return {} if obj else self.prepopulated_fields

    def get_readonly_fields(self, request, obj=None):
        # The slug is printed on posters.
        return () if request.user.is_superuser else ("community", "slug")

    def view_on_site(self, obj):
        return obj.get_absolute_url()


class FriendlyPlaceForm(forms.ModelForm):
    """A place, what it offers, and who agreed to it."""

    offers = forms.MultipleChoiceField(
        choices=[(kind.value, kind.label) for kind in Facility.SEALS],
        label=_("这里能"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("选一样：骑手来这里能做什么。")},
    )

    class Meta:
        model = FriendlyPlace
        fields = (
            "community",
            "kind",
            "name",
            "address",
            "desk_phone",
            "note",
            "entry",
            "latitude",
            "longitude",
            "datum",
            "on_holidays",
            "agreed_by",
            "agreed_on",
            "is_listed",
        )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "kind" in self.fields:
            kinds = FriendlyPlace.Kind.choices
            self.fields["kind"].choices = [c for c in kinds if c[0] != FriendlyPlace.Kind.STATION]
        if self.instance.pk:
            self.initial.setdefault("offers", friendly_places.offered_by(self.instance))
        else:
            self.initial |= {"kind": FriendlyPlace.Kind.MERCHANT, "is_listed": False}

    def clean(self):
        data = super().clean()
        if data.get("is_listed") and not (data.get("agreed_by") and data.get("agreed_on")):
            self.add_error("is_listed", _("写上谁在哪天同意的，才能公开。"))
        return data


@admin.register(FriendlyPlace)
class FriendlyPlaceAdmin(CommunityScopedAdmin):
    """友好场所: entered by staff, with what they offer."""

    form = FriendlyPlaceForm
    staff_may = frozenset({"view", "add", "change", "delete"})
    list_display = ("name", "kind", "community", "address", "is_listed", "agreed_on")
    list_filter = ("kind", "is_listed")
    list_select_related = ("community",)
    inlines = (HoursInline,)

    def create_row(self, request, row, form):
        friendly_places.create(row, form.cleaned_data["offers"], by=request.user)

    def edit_row(self, request, row, form):
        offers = form.cleaned_data["offers"]
        friendly_places.edit(row, offers, by=request.user, fields=form.changed_data)

    def view_on_site(self, obj):
        return obj.get_absolute_url()


class NeedsCareFilter(admin.SimpleListFilter):
    """What the front page of the admin counts."""

    title, parameter_name = _("要管的"), "needs"

    def lookups(self, request, model_admin):
        return [("care", _("坏了或缺货的"))]

    def queryset(self, request, queryset):
        return queryset.in_need_of_care() if self.value() == "care" else queryset


@admin.register(Facility)
class FacilityAdmin(CommunityScopedAdmin):
    """设施: the condition is one click in the list."""

    community_path = "zone__station__community"
    staff_may = frozenset({"view", "add", "change", "delete"})
    list_display = ("name", "zone", "condition", "remark", "checked_at")
    list_editable = ("condition", "remark")
    list_filter = (NeedsCareFilter, "condition", "zone__station")
    list_select_related = ("zone",)
    exclude = ("checked_at",)
    actions = ("mark_checked",)

    @admin.action(description=_("看过了，记下现在的时间"), permissions=["change"])
    def mark_checked(self, request, queryset):
        """Somebody walked round; the condition in the list is what they saw."""
        count = facilities.check(queryset, by=request.user)
        self.message_user(request, _("记下了 %(n)d 项。") % {"n": count})

    def create_row(self, request, row, form):
        facilities.create(row, by=request.user)

    def edit_row(self, request, row, form):
        facilities.edit(row, by=request.user, fields=form.changed_data)


@admin.register(EmergencyNumber)
class EmergencyNumberAdmin(ScopedAdmin):
    """应急电话: emergency numbers."""

    list_display = ("number", "label", "order", "is_first")
    list_editable = ("order", "is_first")
