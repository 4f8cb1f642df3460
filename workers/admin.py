"""Registrations: community staff confirm them and help with a lost password."""

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseNotAllowed
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

import workers.aid.admin
import workers.rights.admin
from workers import access, privacy_notice, workers
from workers.models import Consent, Platform, PrivacyNotice, Worker
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.scoped_admin import ReadOnlyInline, ReadOnlyMixin, ScopedAdmin


class ConfirmedFilter(admin.SimpleListFilter):
    """Waiting first: that is what staff come for."""

    title, parameter_name = _("确认"), "confirmed"

    def lookups(self, request, model_admin):
        return [("no", _("待确认")), ("yes", _("已确认"))]

    def queryset(self, request, queryset):
        if self.value() == "no":
            return queryset.waiting()
        return queryset.exclude(confirmed_at=None) if self.value() == "yes" else queryset


class ConsentInline(ReadOnlyInline):
    """What was agreed to, under which notice."""

    model = Consent
    fields = readonly_fields = ("purpose", "notice", "given_at", "withdrawn_at")


@admin.register(Worker)
class WorkerAdmin(ReadOnlyMixin, ScopedAdmin):
    """People correct their own facts; staff confirm."""

    staff_may = frozenset({"view"})
    logs_views = True
    list_display = ("__str__", "job", "community", "station", "confirmed_at", "created_at")
    list_filter = (ConfirmedFilter, "job", "community")
    list_select_related = ("user", "community", "station")
    search_fields = ("user__display_name__holds",)
    phone_path = "user__phone"
    exclude = ("user",)
    inlines = (ConsentInline,)
    actions = ("confirm",)
    change_form_template = "admin/workers/worker_change.html"

    def scoped(self, queryset, user):
        return queryset.visible_to(user)

    @admin.display(description=_("手机号"))
    def phone(self, worker):
        """In full: the desk calls people back. Opening the page is logged."""
        return worker.user.phone

    def get_fields(self, request, obj=None):
        # Name and phone first.
        shown = {"display_name", "phone", *(() if settings.SMS_GATEWAY else ("wants_sms",))}
        rest = [name for name in super().get_fields(request, obj) if name not in shown]
        return ["display_name", "phone", *rest]

    @admin.display(description=_("称呼"))
    def display_name(self, worker):
        """As they want to be called."""
        return worker.user.display_name

    def get_readonly_fields(self, request, obj=None):
        # The two that come from the account, and the stamps.
        return ("display_name", "phone", "confirmed_at", "confirmed_by")

    @admin.action(description=_("确认登记"), permissions=["view"])
    def confirm(self, request, queryset):
        """Confirm the ticked ones; those confirmed meanwhile are counted apart."""
        done = late = 0
        for worker in queryset:
            if not access.can_confirm(request.user, worker):
                raise PermissionDenied
            try:
                workers.confirm(worker, by=request.user)
                done += 1
            except NotAllowedNowError:
                late += 1
        self.message_user(request, _("确认了 %(n)d 人。") % {"n": done})
        if late:
            words = _("有 %(n)d 人已经确认过，没有再动。") % {"n": late}
            self.message_user(request, words, messages.WARNING)

    def get_urls(self):
        route = path(
            "<int:pk>/new-password/",
            self.admin_site.admin_view(self.new_password),
            name="workers_worker_new_password",
        )
        return [route, *super().get_urls()]

    def new_password(self, request, pk):
        """Set a random password and show it once, to be told face to face."""
        worker = get_object_or_404(self.get_queryset(request), pk=pk)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not access.can_reset_password(request.user, worker):
            raise PermissionDenied
        password = workers.reset_password(worker, by=request.user)
        context = self.admin_site.each_context(request) | {
            "title": _("新密码"),
            "worker": worker,
            "password": password,
            "opts": self.opts,
        }
        response = TemplateResponse(request, "admin/workers/new_password.html", context)
        response["Cache-Control"] = "no-store"
        return response

    def change_view(self, request, object_id, form_url="", extra_context=None):
        # The buttons that this person may press.
        worker = self.get_object(request, object_id)
        may_reset = worker is not None and access.can_reset_password(request.user, worker)
        extra = (extra_context or {}) | {"may_reset_password": may_reset}
        return super().change_view(request, object_id, form_url, extra)


@admin.register(Platform)
class PlatformAdmin(ScopedAdmin):
    """平台: the companies people ride for."""

    list_display = ("name", "order", "is_active")
    list_editable = ("order", "is_active")


@admin.register(PrivacyNotice)
class PrivacyNoticeAdmin(ScopedAdmin):
    """个人信息告知: a published version is history and stays as it was."""

    staff_may = frozenset({"view"})
    list_display = ("version", "published_at")

    def scoped(self, queryset, user):
        """Everybody may read what everybody agreed to."""
        return queryset.filter(published_at__lte=timezone.now())

    def get_changeform_initial_data(self, request):
        # A new version starts from the one in force, with the rules of keeping as they are now.
        return {"text": privacy_notice.next_text()} | super().get_changeform_initial_data(request)

    def has_change_permission(self, request, obj=None):
        # Drafts only.
        published = obj is not None and obj.published_at and obj.published_at <= timezone.now()
        return not published and super().has_change_permission(request, obj)

    def has_delete_permission(self, request, obj=None):
        # Consents point to it.
        return False
