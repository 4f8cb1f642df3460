"""Places and posts: community staff keep their own, administrators everything."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stations.postings import postings
from stations.postings.access import can_appoint, can_substitute, posts_to_fill, scope_of
from stations.postings.admin_choices import OwnPlacesMixin
from stations.postings.admin_forms import GridWorkerForm, SubstituteForm
from stations.postings.models import Organisation, Posting
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.scoped_admin import ScopedAdmin
from yuanhang.core.words import spoken_date


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


@admin.register(Posting)
class PostingAdmin(OwnPlacesMixin, ScopedAdmin):
    """岗位: grid workers are their community's staff's to appoint, all other posts not."""

    staff_may = frozenset({"view", "add", "change"})
    list_display = ("user", "role", "where", "start", "end", "absence", "replaces")
    list_filter = ("role",)
    list_select_related = (
        "user",
        "grid",
        "station",
        "community",
        "subdistrict",
        "substitute_for__user",
    )
    raw_id_fields = ("user",)
    search_fields = ("user__display_name__holds",)

    @admin.display(description=_("地方"))
    def where(self, posting):
        """The one place the post is for."""
        return posting.place

    @admin.display(description=_("不在岗"))
    def absence(self, posting):
        """From when until when; nothing once it is over."""
        if posting.absent_until is None or posting.absent_until < timezone.localdate():
            return ""
        until = _("到 %(day)s") % {"day": spoken_date(posting.absent_until)}
        return f"{spoken_date(posting.absent_from)} {until}".strip()

    @admin.display(description=_("替谁代班"))
    def replaces(self, posting):
        """Whose post it is otherwise."""
        return posting.substitute_for.user if posting.substitute_for else ""

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
            return (*names, "start", "end", "absent_from", "absent_until")
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

    def get_urls(self):
        substitute = self.admin_site.admin_view(self.substitute)
        return [
            path("substitute/", substitute, name="stations_posting_substitute"),
            *super().get_urls(),
        ]

    def changelist_view(self, request, extra_context=None):
        # With the way to a substitute, for whoever may ask for one.
        here = {"may_substitute": can_appoint(request.user)}
        return super().changelist_view(request, (extra_context or {}) | here)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        found = self.get_object(request, object_id)
        may = found is not None and can_substitute(request.user, found)
        here = {"may_substitute": may}
        return super().change_view(request, object_id, form_url, (extra_context or {}) | here)

    def substitute(self, request):
        """Ask who stands in for whom and how long, then call the verb."""
        if not can_appoint(request.user):
            raise PermissionDenied
        given = {"posting": request.GET.get("posting")}
        sent = request.POST if request.method == "POST" else None
        form = SubstituteForm(sent, initial=given, posts=posts_to_fill(request.user))
        if form.is_bound and form.is_valid():
            values = form.cleaned_data
            try:
                made = postings.substitute(
                    values["posting"],
                    person=form.person,
                    start=values["start"],
                    until=values["until"],
                    by=request.user,
                )
            except NotAllowedNowError as refused:
                form.add_error(None, refused.message)
            else:
                self.message_user(request, _("请好了，两个人都会收到通知。"), messages.SUCCESS)
                return redirect("admin:stations_posting_change", made.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": _("请人代班"),
            "form": form,
            "opts": self.opts,
        }
        status = 400 if form.is_bound else 200
        return render(request, "admin/stations/posting/substitute.html", context, status=status)
