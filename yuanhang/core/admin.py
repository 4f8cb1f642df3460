"""Accounts, the audit trail, and what left by SMS: for administrators."""

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.db.models import Q
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

from yuanhang.core import audit, people
from yuanhang.core.accounts import PhoneField
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.models import AuditEvent, User
from yuanhang.core.scoped_admin import ReadOnlyMixin, ScopedAdmin
from yuanhang.core.text import folded, trimmed
from yuanhang.core.trail import Reader, deed
from yuanhang.core.trail_details import details_of

WHOLE_NUMBER_DIGITS = 19  # what has fewer fits a column of keys


class NewUserForm(AdminUserCreationForm):
    """An account made at the desk."""

    phone = PhoneField()

    class Meta:
        model = User
        fields = ("phone", "display_name")

    def __init__(self, *args, **kwargs):
        # In the product's words, not in those of a package for every trade.
        super().__init__(*args, **kwargs)
        self.fields["password2"].label = _("密码再写一遍")
        self.fields["password2"].help_text = ""
        self.fields["usable_password"].label = _("能用密码登录")
        self.fields["usable_password"].help_text = _("选「否」，以后由管理员给一个密码才能登录。")


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
    list_display = ("__str__", "number", "is_staff", "is_active", "date_joined")
    list_filter = ("is_staff", "is_superuser", "is_active")
    search_fields = ("display_name__holds",)
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

    @admin.display(description=_("手机号"))
    def number(self, user):
        """With its middle hidden."""
        return user.masked_phone

    def edit_row(self, request, row, form):
        # Deactivation and rights have consequences elsewhere.
        try:
            people.edit(row, by=request.user, fields=form.changed_data)
        except NotAllowedNowError as refused:
            self.message_user(request, refused.message, messages.ERROR)

    def user_change_password(self, request, id, form_url=""):
        # A new password hands over an account: that is kept.
        response = super().user_change_password(request, id, form_url)
        if request.method == "POST" and response.status_code == 302:
            audit.record("core.set_password", User(pk=id), by=request.user, role="admin")
        return response

    def has_delete_permission(self, request, obj=None):
        # Accounts are switched off; their reports stay.
        return False


class DeedFilter(admin.SimpleListFilter):
    """By what was done, in words; kinds that read alike are one choice."""

    title, parameter_name = _("事项"), "deed"

    def lookups(self, request, model_admin):
        self.kinds = AuditEvent.objects.kinds()
        words = sorted({deed(kind) for kind in self.kinds} - {""})
        return [(word, word.rstrip("：")) for word in words]

    def queryset(self, request, queryset):
        if not self.value():
            return queryset
        return queryset.filter(kind__in=[kind for kind in self.kinds if deed(kind) == self.value()])


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyMixin, ScopedAdmin):
    """Who did what. Nobody changes it."""

    list_display = ("at", "sentence")
    list_display_links = ("at",)
    list_filter = (DeedFilter,)
    search_fields = ("target_id",)  # shows the box; what it finds, `get_search_results` says
    search_help_text = _("对象的编号，或者操作账号的编号")
    fields = readonly_fields = ("at", "sentence", "details")

    def get_search_results(self, request, queryset, search_term):
        # Exactly as kept, so that the indexes answer.
        asked = trimmed(folded(search_term))
        if not asked:
            return queryset, False
        about = Q(target_id=asked)
        if asked.isdecimal() and len(asked) < WHOLE_NUMBER_DIGITS:
            about |= Q(actor_id=int(asked))
        return queryset.filter(about), False

    def get_changelist_instance(self, request):
        # One reader tells all events of the page.
        found = super().get_changelist_instance(request)
        request.trail_reader = Reader(found.result_list)
        for event in found.result_list:
            event.reader = request.trail_reader
        return found

    @admin.display(description=_("谁做了什么"))
    def sentence(self, event):
        """With names and links."""
        reader = getattr(event, "reader", None) or Reader([event])
        return reader.sentence(event)

    @admin.display(description=_("细节"))
    def details(self, event):
        """What changed, as it was kept."""
        lines = details_of(event)
        return format_html_join(mark_safe("<br>"), "{}：{}", lines) or "–"

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        # The sentence stands in the page: a code over it says nothing.
        head = {"subtitle": _("第 %(n)s 条") % {"n": object_id}}
        return super().changeform_view(request, object_id, form_url, (extra_context or {}) | head)


# Django looks for what an app registers in this module alone.
import yuanhang.core.outbox.admin  # noqa: E402, F401
