"""Accounts, the audit trail, and what left by SMS: for administrators."""

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.utils.translation import gettext_lazy as _

from yuanhang.core.models import AuditEvent, User, normalise_phone
from yuanhang.core.scoped_admin import ReadOnlyMixin, ScopedAdmin


class PhoneMixin:
    """The phone in one spelling, however it is typed."""

    def clean_phone(self):
        return normalise_phone(self.cleaned_data["phone"])


class NewUserForm(PhoneMixin, AdminUserCreationForm):
    """An account made at the desk."""

    phone = forms.CharField(label=_("手机号"), max_length=20)

    class Meta:
        model = User
        fields = ("phone", "display_name")


class UserForm(PhoneMixin, UserChangeForm):
    """An account."""

    phone = forms.CharField(label=_("手机号"), max_length=20)

    class Meta:
        model = User
        fields = "__all__"


@admin.register(User)
class UserAdmin(ScopedAdmin, DjangoUserAdmin):
    """Accounts; posts are given under 岗位."""

    form, add_form = UserForm, NewUserForm
    logs_views = True
    list_display = ("__str__", "masked_phone", "is_staff", "is_active", "date_joined")
    list_filter = ("is_staff", "is_superuser", "is_active")
    search_fields = ("display_name",)
    phone_path = "phone"
    ordering = ("-pk",)
    filter_horizontal = ()
    readonly_fields = ("last_login", "date_joined", "phone_verified_at")
    fieldsets = (
        (None, {"fields": ("phone", "display_name", "password")}),
        (_("权限"), {"fields": ("is_active", "is_staff", "is_superuser")}),
        (_("时间"), {"fields": ("phone_verified_at", "date_joined", "last_login")}),
    )
    add_fieldsets = (
        (
            None,
            {"fields": ("phone", "display_name", "usable_password", "password1", "password2")},
        ),
    )

    def has_delete_permission(self, request, obj=None):
        # Accounts are switched off; their reports stay.
        return False


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyMixin, ScopedAdmin):
    """Who did what. Nobody changes it."""

    list_display = ("at", "kind", "target_type", "target_id", "actor_id", "actor_role")
    list_filter = ("kind",)
    search_fields = ("=target_id", "=actor_id")
    show_full_result_count = False


# Django looks for what an app registers in this module alone.
import yuanhang.core.outbox.admin  # noqa: E402, F401
