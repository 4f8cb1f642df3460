"""Activities and their sessions for staff; every change of state goes through the workflow."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext_lazy as _

from stations.postings.models import Organisation
from volunteers.activities import activities, activity_sessions, banner
from volunteers.activities.admin_acts import ACTS, acts_for
from volunteers.activities.admin_forms import ActivityForm, SessionForm, what_is_missing, what_stays
from volunteers.activities.models.activities import Activity
from volunteers.activities.models.sessions import ActivitySession
from volunteers.activities.models.signups import Pledge, SignUp
from volunteers.activities.transitions import ACTIVITIES
from volunteers.activities.words import people_counted
from volunteers.teams.people_choices import NamesPeopleMixin
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.scoped_admin import ReadOnlyInline, ScopedAdmin, ScopedInline, changed_columns


class CountsPeopleMixin:
    """How many come, as everybody reads it."""

    @admin.display(description=_("报上的人"), ordering="taken")
    def people(self, session):
        """An offered place is not a person who comes."""
        return people_counted(session) if session.pk else ""


class SessionInline(CountsPeopleMixin, ReadOnlyInline):
    """场次: what there is; each is changed on its own page."""

    model = ActivitySession
    fields = readonly_fields = (
        "starts_at",
        "ends_at",
        "minimum",
        "maximum",
        "people",
        "leader",
        "part",
    )
    show_change_link = True
    verbose_name_plural = _("场次")


class NewSessionInline(NamesPeopleMixin, ScopedInline):
    """A new session is a row here."""

    model = ActivitySession
    form = SessionForm
    fields = ("starts_at", "ends_at", "minimum", "maximum", "leader", "by_phone", "part")
    extra = 1
    max_num = 10
    can_delete = False
    verbose_name_plural = _("加场次")

    def get_queryset(self, request):
        # None of those that are there.
        return super().get_queryset(request).none()

    def has_add_permission(self, request, obj=None):
        # While something may still happen.
        return super().has_add_permission(request, obj) and not (obj and obj.is_over)


class PledgeInline(ReadOnlyInline):
    """Who promised how much, to be called when the day comes."""

    model = Pledge
    fields = readonly_fields = ("user", "quantity", "made_at")
    verbose_name_plural = _("谁认捐了")

    def get_queryset(self, request):
        # Of a confidential activity its organiser's alone.
        rows = super().get_queryset(request).select_related("user").order_by("pk")
        return rows.filter(Q(activity__is_confidential=False) | Q(activity__organiser=request.user))


def _number_of(rows, activity):
    """How many of the rows lead to the outer activity by their column of this name."""
    rows = rows.filter(**{activity: OuterRef("pk")}).order_by().values(activity)
    return Coalesce(Subquery(rows.annotate(n=Count("pk")).values("n")), 0)


@admin.register(Activity)
class ActivityAdmin(NamesPeopleMixin, ScopedAdmin):
    """活动 of one's community; confidential ones are their organiser's."""

    form = ActivityForm
    staff_may = frozenset({"view", "add", "change"})
    list_display = ("title", "kind", "state", "community", "number_of_sessions", "number_of_people")
    list_filter = ("kind", "state")
    search_fields = ("title__holds",)
    readonly_fields = ("state", "organiser", "cancel_reason")
    inlines = (SessionInline, NewSessionInline)
    fieldsets = (
        (None, {"fields": ("state", "cancel_reason", "kind", "course", "title", "text", "banner")}),
        (_("在哪儿"), {"fields": ("community", "grid", "place", "latitude", "longitude")}),
        (_("谁来"), {"fields": ("team", "skills", "is_confidential", "opens_at", "closes_at")}),
        (_("一起办"), {"fields": ("organiser", "partners", "bring")}),
        (_("认捐"), {"fields": ("pledge_item", "pledge_unit", "pledge_target")}),
    )

    def scoped(self, queryset, user):
        return queryset.filter(pk__in=Activity.objects.managed_by(user).values("pk"))

    def get_queryset(self, request):
        # With how many sessions and people, for the list: counted for the rows of a page alone.
        people = SignUp.objects.filter(state=SignUp.State.CONFIRMED)
        return (
            super()
            .get_queryset(request)
            .select_related("community", "banner", "organiser")
            .annotate(
                sessions_count=_number_of(ActivitySession.objects.all(), "activity"),
                people_count=_number_of(people, "session__activity"),
            )
        )

    @admin.display(description=_("场次"))
    def number_of_sessions(self, obj):
        return obj.sessions_count

    @admin.display(description=_("报上的人次"))
    def number_of_people(self, obj):
        return obj.people_count

    def get_inlines(self, request, obj):
        # A new activity starts with its first session.
        if obj is None:
            return (NewSessionInline,)
        return (*self.inlines, PledgeInline) if obj.pledge_item else self.inlines

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        # Ticked, not moved from box to box: there are few. Partners that are still there.
        kwargs["widget"] = forms.CheckboxSelectMultiple
        if db_field.name == "partners":
            kwargs["queryset"] = Organisation.objects.filter(
                kind=Organisation.Kind.PARTNER, is_active=True
            )
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def create_row(self, request, row, form):
        photo = form.cleaned_data.get("banner") or None
        activities.create(row, by=request.user, banner=photo)
        self._warn(request, row)

    def _warn(self, request, row):
        for words in what_is_missing(row):
            self.message_user(request, words, messages.WARNING)

    def edit_row(self, request, row, form):
        self._warn(request, row)
        columns, before = changed_columns(form), form.initial["place"]
        if columns:
            activities.edit(row, by=request.user, fields=columns, place_before=before)
        if "banner" in form.changed_data:
            banner.set_banner(row, form.cleaned_data["banner"] or None, by=request.user)

    def save_formset(self, request, form, formset, change):
        # New sessions go by their verb; the other rows are for reading.
        for session in formset.save(commit=False):
            activity_sessions.create(session, by=request.user)

    def view_on_site(self, obj):
        return obj.get_absolute_url()

    def get_urls(self):
        act = self.admin_site.admin_view(self.act)
        return [
            path("<int:pk>/do/<slug:verb>/", act, name="volunteers_activity_act"),
            *super().get_urls(),
        ]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        # With a button for every verb its state allows.
        found = self.get_object(request, object_id)
        state = found.state if found else None
        allowed = acts_for(state) if state else []
        return super().change_view(
            request, object_id, form_url, {"acts": allowed, **(extra_context or {})}
        )

    def act(self, request, pk, verb):
        """Say what will happen and ask what is needed, then call the workflow."""
        activity = get_object_or_404(self.get_queryset(request), pk=pk)
        known = ACTIVITIES.by_slug.get(verb)
        if known is None or known.verb not in ACTS:
            raise Http404
        if not self.has_change_permission(request, activity):
            raise PermissionDenied
        chosen = ACTS[known.verb]
        form = chosen.form(request.POST if request.method == "POST" else None)
        if form.is_bound and form.is_valid():
            try:
                made = chosen.call(activity, by=request.user, **form.cleaned_data)
            except NotAllowedNowError as refused:
                form.add_error(None, refused.message)
            else:
                self.message_user(request, chosen.done, messages.SUCCESS)
                if known.verb == "publish":
                    self._warn(request, made)
                target = made.pk if isinstance(made, Activity) else activity.pk
                return redirect("admin:volunteers_activity_change", target)
        context = {
            **self.admin_site.each_context(request),
            "title": chosen.label,
            "act": chosen,
            "activity": activity,
            "form": form,
            "opts": self.opts,
            "people": SignUp.objects.active().filter(session__activity=activity).count(),
        }
        status = 400 if form.is_bound else 200
        return render(request, "admin/volunteers/activity/act.html", context, status=status)


class SignUpInline(ReadOnlyInline):
    """Who comes and who waits, for those entitled to know."""

    model = SignUp
    fields = readonly_fields = ("user", "state", "queued_at", "offered_until")
    verbose_name_plural = _("报名")

    def get_queryset(self, request):
        # Of a confidential activity its organiser's alone.
        rows = super().get_queryset(request).visible_to(request.user).active()
        return rows.select_related("user")


@admin.register(ActivitySession)
class SessionAdmin(CountsPeopleMixin, NamesPeopleMixin, ScopedAdmin):
    """场次: a change tells those who signed up, and throws nobody out."""

    form = SessionForm
    staff_may = frozenset({"view", "change", "delete"})
    logs_views = True
    list_display = ("activity", "starts_at", "ends_at", "people", "leader")
    list_select_related = ("activity", "leader")
    list_filter = ("activity__kind",)
    search_fields = ("activity__title__holds",)
    ordering = ("-starts_at",)
    readonly_fields = ("activity", "people")
    fields = (
        "activity",
        "starts_at",
        "ends_at",
        "minimum",
        "maximum",
        "understood",
        "people",
        "leader",
        "by_phone",
        "part",
    )
    inlines = (SignUpInline,)

    def scoped(self, queryset, user):
        """Of the activities that the viewer manages."""
        return queryset.filter(activity__in=Activity.objects.managed_by(user))

    def has_add_permission(self, request):
        # A session is added on its activity's page.
        return False

    def has_delete_permission(self, request, obj=None):
        # Only one that nobody ever signed up for; others are cancelled with a reason.
        is_used = obj is not None and obj.signups.exists()
        return super().has_delete_permission(request, obj) and not is_used

    def get_actions(self, request):
        # No deleting by the dozen.
        return {}

    def remove_row(self, request, row):
        activity_sessions.remove(row, by=request.user)

    def edit_row(self, request, row, form):
        """By the verb, which tells people and moves the waiting list."""
        values, before = form.cleaned_data, form.initial["starts_at"]
        try:
            saved, over = activity_sessions.edit(
                row,
                by=request.user,
                starts_at=values["starts_at"],
                ends_at=values["ends_at"],
                minimum=values["minimum"],
                maximum=values["maximum"],
                leader=values["leader"],
                part=values["part"],
            )
        except NotAllowedNowError as refused:
            self.message_user(request, refused.message, messages.ERROR)
            return
        if over:
            self.message_user(request, form.what_happens(saved.taken), messages.WARNING)
        for words in what_stays(saved, before):
            self.message_user(request, words, messages.WARNING)

    def view_on_site(self, obj):
        """Where it stands on the public page."""
        return obj.get_absolute_url()
