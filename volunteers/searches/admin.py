"""Searches in the admin: staff begin one, correct it, and say that it is over."""

from django import forms
from django.contrib import admin, messages
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stations.postings.admin_choices import OwnPlacesMixin
from volunteers.searches import searches
from volunteers.searches.models import SearchNotice
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.scoped_admin import ScopedAdmin, changed_columns
from yuanhang.core.uploads.fields import PhotoField


class SearchForm(forms.ModelForm):
    """Who is missing, where last seen, and a photo."""

    picture = PhotoField(
        label=_("照片"),
        required=False,
        help_text=_("只给本社区登录的人看；找到以后一小时内删掉，最久留 13 天。"),
    )

    class Meta:
        model = SearchNotice
        fields = (
            "community",
            "name",
            "last_seen_at",
            "last_seen_place",
            "text",
            "latitude",
            "longitude",
        )

    def clean_last_seen_at(self):
        """In the past."""
        moment = self.cleaned_data["last_seen_at"]
        if moment and moment > timezone.now():
            raise forms.ValidationError(_("最后见到的时间不能晚于现在。"))
        return moment


class RunningFilter(admin.SimpleListFilter):
    """What the front page of the admin counts."""

    title, parameter_name = _("进展"), "running"

    def lookups(self, request, model_admin):
        return [("yes", _("正在找"))]

    def queryset(self, request, queryset):
        return queryset.running() if self.value() == "yes" else queryset


@admin.register(SearchNotice)
class SearchNoticeAdmin(OwnPlacesMixin, ScopedAdmin):
    """寻人: to save a new one is to begin it. The list names nobody."""

    form = SearchForm
    staff_may = frozenset({"view", "add", "change"})
    # It ends and is erased; that it was is kept.
    nobody_may = frozenset({"delete"})
    logs_views = True
    list_display = ("__str__", "community", "activated_at", "found_at", "ended_at", "erased_at")
    list_select_related = ("community",)
    list_filter = (RunningFilter,)
    fields = ("picture", *SearchForm.Meta.fields)
    actions = ("found",)

    def scoped(self, queryset, user):
        return queryset.managed_by(user)

    def get_fields(self, request, obj=None):
        # Who may only read gets no field to choose a file.
        fields = super().get_fields(request, obj)
        readable = obj is None or self.has_change_permission(request, obj)
        return fields if readable else [name for name in fields if name != "picture"]

    def get_readonly_fields(self, request, obj=None):
        # The people of one community were told.
        return ("community",) if obj else ()

    def has_change_permission(self, request, obj=None):
        # While it runs.
        return (obj is None or obj.is_running) and super().has_change_permission(request, obj)

    def create_row(self, request, row, form):
        searches.activate(row, by=request.user, photo=form.cleaned_data["picture"])

    def edit_row(self, request, row, form):
        photo = form.cleaned_data["picture"]
        searches.edit(row, by=request.user, fields=changed_columns(form), photo=photo)

    def view_on_site(self, obj):
        return obj.get_absolute_url()

    @admin.action(description=_("找到了"), permissions=["change"])
    def found(self, request, queryset):
        """End the ticked ones."""
        done = 0
        for notice in queryset:
            try:
                searches.end(notice, by=request.user)
                done += 1
            except NotAllowedNowError as error:
                self.message_user(request, f"{notice}：{error.message}", messages.WARNING)
        if done:
            words = _("结束了 %(n)d 个，照片和名字一小时内删掉。")
            self.message_user(request, words % {"n": done})
