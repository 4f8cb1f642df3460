"""Accounts, the audit trail, and what left by SMS: for administrators."""

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.utils.translation import gettext_lazy as _

from yuanhang.core import people
from yuanhang.core.accounts import PhoneField
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.models import AuditEvent, User
from yuanhang.core.scoped_admin import ReadOnlyMixin, ScopedAdmin


class NewUserForm(AdminUserCreationForm):
    """An account made at the desk."""

    phone = PhoneField()

    class Meta:
        model = User
        fields = ("phone", "display_name")


class UserForm(UserChangeForm):
    """An account."""

    phone = PhoneField()

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
    search_fields = ("phone", "display_name")
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

    def edit_row(self, request, row, form):
        # Deactivation and rights have consequences elsewhere.
        try:
            people.edit(row, by=request.user, fields=form.changed_data)
        except NotAllowedNowError as refused:
            self.message_user(request, refused.message, messages.ERROR)

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
