"""Errands for staff: made here, confirmed and called off through the workflow."""

from django.contrib import admin, messages
from django.utils.translation import gettext_lazy as _

from volunteers.errands import errands
from volunteers.errands.admin_forms import ErrandForm
from volunteers.errands.models import Errand, ErrandClaim
from volunteers.teams.people_choices import NamesPeopleMixin
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.scoped_admin import ReadOnlyInline, ScopedAdmin, changed_columns


class ClaimInline(ReadOnlyInline):
    """Who took it, and how it ended."""

    model = ErrandClaim
    fields = ("helper", "claimed_at", "lease_until", "outcome", "note", "confirmed_at")
    readonly_fields = fields


@admin.register(Errand)
class ErrandAdmin(NamesPeopleMixin, ScopedAdmin):
    """顺路任务 of one's community; whoever opens one sees an address, so that is kept track of."""

    form = ErrandForm
    staff_may = frozenset({"view", "add", "change"})
    logs_views = True
    list_display = ("title", "kind", "grid", "state", "due_on", "repeats_weekly")
    list_filter = ("state", "kind")
    list_select_related = ("grid",)
    search_fields = ("title__holds",)
    readonly_fields = ("state",)
    inlines = (ClaimInline,)
    actions = ("confirm", "cancel")
    fieldsets = (
        (None, {"fields": ("state", "kind", "title", "minutes", "due_on")}),
        (_("在哪儿（大家看得到）"), {"fields": ("community", "grid", "near")}),
        (
            _("只给接的人，办完就收起"),
            {"fields": ("person_name", "address", "phone", "note")},
        ),
        (_("每周"), {"fields": ("repeats_weekly", "preferred", "by_phone")}),
    )

    def scoped(self, queryset, user):
        return queryset.filter(pk__in=Errand.objects.managed_by(user).values("pk"))

    def create_row(self, request, row, form):
        errands.create(row, by=request.user)

    def edit_row(self, request, row, form):
        errands.edit(row, by=request.user, fields=changed_columns(form))

    def _each(self, request, queryset, act, done):
        moved = 0
        for errand in queryset:
            try:
                act(errand, by=request.user)
                moved += 1
            except NotAllowedNowError as refused:
                self.message_user(request, f"{errand}：{refused.message}", messages.WARNING)
        if moved:
            self.message_user(request, done % {"n": moved}, messages.SUCCESS)

    @admin.action(description=_("确认办好了，记时长"), permissions=["change"])
    def confirm(self, request, queryset):
        """Their minutes go to the ledger."""
        self._each(request, queryset, errands.confirm, _("%(n)d 件确认了。"))

    @admin.action(description=_("取消"), permissions=["change"])
    def cancel(self, request, queryset):
        """Not needed any more."""
        self._each(request, queryset, errands.cancel, _("%(n)d 件取消了。"))
