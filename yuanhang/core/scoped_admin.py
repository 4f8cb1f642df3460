"""Whom staff name for a session or an errand: chosen from a short list, or by phone."""

from django.contrib import admin

from yuanhang.core import audit


def changed_columns(form):
    """Names of the changed fields that are columns of the form's row, sorted."""
    columns = {field.name for field in form.instance._meta.concrete_fields}
    return sorted(columns.intersection(form.changed_data))


class ScopedAdmin(admin.ModelAdmin):
    """Administrators see and do everything; staff what `staff_may` and `scoped` allow."""

    staff_may = frozenset()  # of "view", "add", "change", "delete"
    # Personal data: opening one row is written to the audit trail.
    logs_views = False

    def scoped(self, queryset, user):
        """The rows that a member of staff meets; nothing unless a class says otherwise."""
        return queryset.none()

    def get_queryset(self, request):
        """The viewer's rows."""
        rows = super().get_queryset(request)
        return rows if request.user.is_superuser else self.scoped(rows, request.user)

    def _may(self, request, what, obj=None):
        if request.user.is_superuser:
            return True
        if what not in self.staff_may:
            return False
        return obj is None or self.get_queryset(request).filter(pk=obj.pk).exists()

    def has_module_permission(self, request):
        """Whether the room shows at all."""
        return request.user.is_superuser or bool(self.staff_may)

    def has_view_permission(self, request, obj=None):
        """Reading."""
        return self._may(request, "view", obj)

    def has_add_permission(self, request):
        """Adding."""
        return self._may(request, "add")

    def has_change_permission(self, request, obj=None):
        """Changing."""
        return self._may(request, "change", obj)

    def has_delete_permission(self, request, obj=None):
        """Deleting."""
        return self._may(request, "delete", obj)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """One row; where it is personal, who looked is kept."""
        response = super().change_view(request, object_id, form_url, extra_context)
        if self.logs_views and request.method == "GET" and response.status_code == 200:
            found = self.get_object(request, object_id)
            audit.record(f"{self.opts.app_label}.viewed", found, by=request.user, role="admin")
        return response


class OwnChoicesMixin:
    """For an admin or inline: a foreign key offers what the viewer may choose from."""

    preselected = ("community",)  # chosen already where there is only one

    def choices_of(self, user):
        """Querysets by the name of the field; a field without one offers everything."""
        return {}

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        """With the viewer's own rows."""
        chosen = self.choices_of(request.user).get(db_field.name)
        if chosen is not None:
            kwargs["queryset"] = chosen
            if db_field.name in self.preselected:
                kwargs["initial"] = _the_only_one(chosen)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


def _the_only_one(rows):
    found = rows.order_by("pk").values_list("pk", flat=True)[:2]
    return found[0] if len(found) == 1 else None


class ReadOnlyMixin:
    """Rows that the admin shows and never writes."""

    def has_add_permission(self, request, obj=None):
        """Never."""
        return False

    def has_change_permission(self, request, obj=None):
        """Never."""
        return False

    def has_delete_permission(self, request, obj=None):
        """Never."""
        return False


class ScopedInline(admin.TabularInline):
    """Part of its parent: whoever may see or change that may see or change this."""

    extra = 0

    def _parent(self, request):
        return self.admin_site.get_model_admin(self.parent_model)

    def has_view_permission(self, request, obj=None):
        """As the parent."""
        return self._parent(request).has_view_permission(request, obj)

    def has_add_permission(self, request, obj=None):
        """As changing the parent."""
        return self._parent(request).has_change_permission(request, obj)

    has_change_permission = has_delete_permission = has_add_permission


class ReadOnlyInline(ReadOnlyMixin, ScopedInline):
    """A list under its parent, for reading."""

    can_delete = False
