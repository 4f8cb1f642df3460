"""Skills and the courses that lead to them; who holds one is for reading."""

from django.contrib import admin, messages
from django.utils.translation import gettext_lazy as _

from stations.postings.access import scope_of
from volunteers.skills import skills
from volunteers.skills.access import can_organise
from volunteers.skills.admin_forms import SkillForm
from volunteers.skills.models import Course, Qualification, Skill
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.scoped_admin import ReadOnlyMixin, ScopedAdmin


class SharedAdmin(ScopedAdmin):
    """Rows shared by all communities; any staff who make activities keep them."""

    staff_may = frozenset({"view", "add", "change"})

    def scoped(self, queryset, user):
        """All of them, for community staff."""
        return queryset if scope_of(user).communities else queryset.none()

    def has_add_permission(self, request):
        # Not with a posting that ended.
        return super().has_add_permission(request) and can_organise(request.user)


@admin.register(Skill)
class SkillAdmin(SharedAdmin):
    """技能: what a course grants and an activity may ask for; may presuppose others."""

    form = SkillForm
    list_display = ("name", "valid_days", "first")
    search_fields = ("name",)
    fields = ("name", "text", "valid_days", "needs")

    def get_queryset(self, request):
        # With what each presupposes, for the list.
        return super().get_queryset(request).prefetch_related("requires")

    @admin.display(description=_("先要会"))
    def first(self, obj):
        """The names of what it presupposes."""
        return "、".join(str(one) for one in obj.requires.all())

    def create_row(self, request, row, form):
        self._store(request, skills.create, row, form)

    def edit_row(self, request, row, form):
        self._store(request, skills.edit, row, form)

    def _store(self, request, verb, row, form):
        try:
            verb(row, by=request.user, needs=form.cleaned_data["needs"])
        except NotAllowedNowError as refused:
            self.message_user(request, refused.message, messages.ERROR)


@admin.register(Course)
class CourseAdmin(SharedAdmin):
    """课程: what a training teaches."""

    list_display = ("title", "parts", "skill")
    list_select_related = ("skill",)
    search_fields = ("title",)


@admin.register(Qualification)
class QualificationAdmin(ReadOnlyMixin, ScopedAdmin):
    """Who can do what until when."""

    staff_may = frozenset({"view"})
    logs_views = True
    list_display = ("user", "skill", "source", "since", "until", "revoked_at")
    list_select_related = ("user", "skill")
    list_filter = ("skill", "source")

    def scoped(self, queryset, user):
        """Of the people registered with the viewer's communities."""
        return queryset.filter(user__worker__community__in=scope_of(user).communities)
