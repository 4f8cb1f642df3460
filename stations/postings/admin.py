"""Places and posts: community staff keep their own, administrators everything."""

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from stations.postings import postings
from stations.postings.access import can_appoint, scope_of
from stations.postings.admin_choices import OwnPlacesMixin
from stations.postings.models import Organisation, Posting
from yuanhang.core.accounts import PhoneField
from yuanhang.core.models import User
from yuanhang.core.scoped_admin import ScopedAdmin


@admin.register(Organisation)
class OrganisationAdmin(ScopedAdmin):
    """单位: organisations."""

    staff_may = frozenset({"view"})
    list_display = ("name", "kind", "subdistrict", "phone", "is_active")
    list_filter = ("kind", "is_active")
    list_select_related = ("subdistrict",)
    search_fields = ("name",)

    def scoped(self, queryset, user):
        """Of the subdistrict the viewer works in."""
        communities = scope_of(user).communities
        return queryset.filter(subdistrict__communities__in=communities).distinct()


class GridWorkerForm(forms.ModelForm):
    """The post of a grid worker as the community's staff give it: to whom is said by telephone."""

    by_phone = PhoneField(label=_("谁（登记的手机号）"))

    class Meta:
        model = Posting
        fields = ("role", "grid", "start", "end", "absent_until")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "role" in self.fields:
            grid_roles = [(role.value, role.label) for role in Posting.GRID_ROLES]
            self.fields["role"].choices = [("", "---------"), *grid_roles]
        if "grid" in self.fields:
            self.fields["grid"].required = True

    def clean_by_phone(self):
        """The account with this number."""
        found = User.objects.filter(phone=self.cleaned_data["by_phone"], is_active=True).first()
        if found is None:
            raise forms.ValidationError(_("没有用这个手机号登记的人，请先让对方注册。"))
        self.instance.user = found
        return found


@admin.register(Posting)
class PostingAdmin(OwnPlacesMixin, ScopedAdmin):
    """岗位: grid workers are their community's staff's to appoint, all other posts not."""

    staff_may = frozenset({"view", "add", "change"})
    list_display = ("user", "role", "where", "start", "end", "absent_until")
    list_filter = ("role",)
    list_select_related = ("user", "grid", "station", "community", "subdistrict")
    raw_id_fields = ("user",)
    search_fields = ("user__display_name",)

    @admin.display(description=_("地方"))
    def where(self, posting):
        """The one place the post is for."""
        return posting.place

    def scoped(self, queryset, user):
        """Of the viewer's communities, their grids and stations."""
        communities = scope_of(user).communities
        return (
            queryset.filter(community__in=communities)
            | queryset.filter(grid__community__in=communities)
            | queryset.filter(station__community__in=communities)
        )

    def has_add_permission(self, request):
        # Not with a post that ended.
        return super().has_add_permission(request) and can_appoint(request.user)

    def has_change_permission(self, request, obj=None):
        # The community's own grid workers.
        may = super().has_change_permission(request, obj)
        return may and (obj is None or can_appoint(request.user, obj))

    def get_form(self, request, obj=None, change=False, **kwargs):
        # Staff see no list of accounts to choose from.
        if not request.user.is_superuser and obj is None:
            kwargs["form"] = GridWorkerForm
        return super().get_form(request, obj, change, **kwargs)

    def get_fields(self, request, obj=None):
        # What staff give, and what they may change of it.
        if request.user.is_superuser or obj is not None:
            names = ("user", "role", "grid", "station", "community", "subdistrict")
            return (*names, "start", "end", "absent_until")
        return ("by_phone", *GridWorkerForm.Meta.fields)

    def get_readonly_fields(self, request, obj=None):
        # A post of somebody else in another place is another post.
        if request.user.is_superuser or obj is None:
            return ()
        return ("user", "role", "grid", "station", "community", "subdistrict", "start")

    def create_row(self, request, row, form):
        postings.create(row, by=request.user)

    def edit_row(self, request, row, form):
        postings.edit(row, by=request.user)

    def remove_row(self, request, row):
        postings.remove(row, by=request.user)
