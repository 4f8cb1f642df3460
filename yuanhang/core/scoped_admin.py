"""The admin as a support desk: rows through the viewer's scope, rights through rules in code.

Django's own permission rows are not used: administrators may everything that `nobody_may` leaves,
other staff what the class says, within the rows that `scoped` leaves them. What is saved or
deleted goes through a verb: the noun's own where it has one, else `core.editing`.
"""

import re

from django import forms
from django.contrib import admin
from django.contrib.admin.filters import SimpleListFilter
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.models.constants import LOOKUP_SEP
from django.forms.models import ModelChoiceIterator
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from . import audit, editing, versions
from .admin_links import without_dead_links
from .admin_search import SEARCH_BOX, PhoneFilter, search_by_post
from .capped_paging import CappedPaginator
from .errors import NotAllowedNowError
from .fields import CLEAN_COLUMNS
from .located_form import located_form, with_map
from .models import AuditEvent
from .phones import mobile_digits
from .text import folded, trimmed
from .trail import Reader, deed
from .uploads.fields import form_sent_by

HISTORY_MAX = 200  # steps of one row that its page of history tells
# What Django's own filters put behind a declared field.
FILTER_ENDINGS = ("", "exact", "isnull", "id__exact", "pk__exact", "gte", "lt")


class ScopedAdmin(admin.ModelAdmin):
    """Administrators see and do everything; staff what `staff_may` and `scoped` allow."""

    staff_may = frozenset()  # of "view", "add", "change", "delete"
    nobody_may = frozenset()
    # Personal data: opening one row is written to the audit trail.
    logs_views = False
    formfield_overrides = CLEAN_COLUMNS
    # Tables grow by millions: no list counts all of its rows.
    paginator = CappedPaginator
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    # The column with a telephone number, by which rows are found without it standing in an address.
    phone_path = ""

    def __init__(self, model, admin_site):
        super().__init__(model, admin_site)
        self.form = versions.versioned_form(located_form(self.form, model))

    def get_list_filter(self, request):
        # What was found by telephone stays found on the next page of the list.
        declared = super().get_list_filter(request)
        return (PhoneFilter, *declared) if self.phone_path else declared

    def changelist_view(self, request, extra_context=None):
        """The list; where people are found by telephone its search comes by POST."""
        if self.phone_path and request.method == "POST" and SEARCH_BOX in request.POST:
            return search_by_post(self, request)
        if "_save" not in request.POST:
            return super().changelist_view(request, extra_context)
        # Rows edited in the list: one list after the other is compared and stored.
        keys = [key for name, key in request.POST.items() if self._is_row_key(name)]
        with transaction.atomic():
            versions.hold(self.model, keys)
            return super().changelist_view(request, extra_context)

    def _is_row_key(self, name):
        return re.fullmatch(rf"form-\d+-{self.opts.pk.name}", name)

    def get_changelist_formset(self, request, **kwargs):
        # Two people may have the list open.
        return versions.versioned_formset(super().get_changelist_formset(request, **kwargs))

    def get_form(self, request, obj=None, change=False, **kwargs):
        # What is kept of its files is its sender's alone.
        form = form_sent_by(super().get_form(request, obj, change=change, **kwargs), request.user)
        form.refusal = getattr(request, "admin_refusal", "")
        return form

    def get_fieldsets(self, request, obj=None):
        # Whoever gives a place picks it on the map, or types it and says in which datum.
        found = super().get_fieldsets(request, obj)
        may = self.has_add_permission(request)
        if obj is not None:
            may = self.has_change_permission(request, obj)
        found = with_map(found, self.model, is_edited=may)
        return with_version(found, is_edited=may and obj is not None)

    def scoped(self, queryset, user):
        """The rows that a member of staff meets; nothing unless a class says otherwise."""
        return queryset.none()

    def get_queryset(self, request):
        rows = super().get_queryset(request)
        return rows if request.user.is_superuser else self.scoped(rows, request.user)

    def get_object(self, request, object_id, from_field=None):
        """One row, read once a request, whoever asks for it again."""
        known = request.__dict__.setdefault("_admin_objects", {})
        key = self.model, object_id, from_field
        if key not in known:
            if request.method == "POST" and connection.in_atomic_block:
                versions.hold(self.model, [object_id])
            known[key] = super().get_object(request, object_id, from_field)
        return known[key]

    def may(self, request, what, obj=None):
        """Whether the viewer may "view", "add", "change" or "delete"; asked once a request."""
        known = request.__dict__.setdefault("_admin_rights", {})
        key = self.model, what, obj.pk if obj is not None else None
        if key not in known:
            known[key] = self._may(request, what, obj)
        return known[key]

    def _may(self, request, what, obj):
        if what in self.nobody_may:
            return False
        if request.user.is_superuser:
            return True
        if what not in self.staff_may:
            return False
        if obj is None:
            return True
        # One question for all rights on a row: whether it is among the viewer's.
        seen = request.__dict__.setdefault("_admin_rows", {})
        key = self.model, obj.pk
        if key not in seen:
            rows = self.scoped(self.model._default_manager.all(), request.user)
            seen[key] = rows.filter(pk=obj.pk).exists()
        return seen[key]

    def has_module_permission(self, request):
        return request.user.is_superuser or bool(self.staff_may)

    def has_view_permission(self, request, obj=None):
        return self.may(request, "view", obj)

    def has_add_permission(self, request):
        return self.may(request, "add")

    def has_change_permission(self, request, obj=None):
        return self.may(request, "change", obj)

    def has_delete_permission(self, request, obj=None):
        return self.may(request, "delete", obj)

    def get_search_results(self, request, queryset, search_term):
        # In the spelling that is stored; what nobody can be meant by finds nothing.
        words = (trimmed(word) or word for word in folded(search_term).split())
        asked = mobile_digits(search_term) or " ".join(words)
        return super().get_search_results(request, queryset, asked)

    def lookup_allowed(self, lookup, value, request=None):
        # Only what the declared filters ask: any other question lets the viewer guess a field.
        if lookup == self.date_hierarchy:
            return True
        filters = self.list_filter if request is None else self.get_list_filter(request)
        for item in filters:
            if isinstance(item, type) and issubclass(item, SimpleListFilter):
                if lookup == item.parameter_name:
                    return True
                continue
            path = item[0] if isinstance(item, list | tuple) else item
            if lookup in {LOOKUP_SEP.join(filter(None, (path, end))) for end in FILTER_ENDINGS}:
                return True
        return False

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        """The form; what its verb refuses is said in it, with all that was typed."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except NotAllowedNowError as refused:
            # Its transaction is rolled back, and its row was read before that.
            request.admin_refusal = refused.message
            request.__dict__.pop("_admin_objects", None)
            return super().changeform_view(request, object_id, form_url, extra_context)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        # One row; where it is personal, who looked is kept.
        response = super().change_view(request, object_id, form_url, extra_context)
        if self.logs_views and request.method == "GET" and response.status_code == 200:
            found = self.get_object(request, object_id)
            audit.record(f"{self.opts.app_label}.viewed", found, by=request.user, role="admin")
        return without_dead_links(response, self.admin_site, request)

    def history_view(self, request, object_id, extra_context=None):
        """What the trail knows of one row; Django's own log would keep names."""
        found = self.get_object(request, object_id)
        if found is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_view_permission(request, found):
            raise PermissionDenied
        about = AuditEvent.objects.filter(
            target_type=self.opts.label_lower, target_id=str(found.pk)
        )
        events = list(about[:HISTORY_MAX])
        reader = Reader(events)
        context = {
            **self.admin_site.each_context(request),
            "title": _("操作记录：%(row)s") % {"row": found},
            "object": found,
            "opts": self.opts,
            "told": [(event.at, reader.who(event), deed(event.kind)) for event in events],
        }
        response = TemplateResponse(request, "admin/object_history.html", context)
        return without_dead_links(response, self.admin_site, request)

    def create_row(self, request, row, form):
        """Store a new row by the noun's verb."""
        editing.create(row, by=request.user)

    def edit_row(self, request, row, form):
        """Store a changed row by the noun's verb."""
        editing.edit(row, by=request.user, fields=form.changed_data)

    def remove_row(self, request, row):
        """Delete a row by the noun's verb."""
        editing.remove(row, by=request.user)

    def save_model(self, request, obj, form, change):
        if not change:
            self.create_row(request, obj, form)
        elif form.changed_data:
            self.edit_row(request, obj, form)

    def save_formset(self, request, form, formset, change):
        # Each row of an inline leaves its own trace, under its parent.
        formset.save(commit=False)
        parent = form.instance
        for row in formset.deleted_objects:
            editing.remove(row, by=request.user, parent=parent)
        for row, fields in formset.changed_objects:
            editing.edit(row, by=request.user, fields=fields, parent=parent)
        for row in formset.new_objects:
            editing.create(row, by=request.user, parent=parent)
        formset.save_m2m()

    def delete_model(self, request, obj):
        self.remove_row(request, obj)

    def delete_queryset(self, request, queryset):
        # One by one: a deletion in bulk would pass the verb by.
        for row in queryset:
            self.remove_row(request, row)


def with_version(fieldsets, *, is_edited):
    """Fieldsets with the hidden version of what they show, where it is edited."""
    without = [
        (title, {**options, "fields": [n for n in options["fields"] if n != versions.NAME]})
        for title, options in fieldsets
    ]
    if is_edited and without:
        title, options = without[0]
        without[0] = title, {**options, "fields": [*options["fields"], versions.NAME]}
    return without


class OwnChoicesMixin:
    """For an admin or inline: a foreign key offers what the viewer may choose from."""

    preselected = ("community",)  # chosen already where there is only one

    def choices_of(self, user):
        """Querysets by the name of the field; a field without one offers everything."""
        return {}

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        chosen = self.choices_of(request.user).get(db_field.name)
        if chosen is not None:
            kwargs["queryset"] = chosen
            if db_field.name in self.preselected and _is_new(request):
                kwargs["initial"] = _the_only_one(chosen)
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if isinstance(field, forms.ModelChoiceField):
            field.iterator, field.rows_read = ChoicesReadOnce, {}
        return field


class ChoicesReadOnce(ModelChoiceIterator):
    """The choices of a foreign key, read once for all forms of a page that offer the same."""

    def __iter__(self):
        if self.field.empty_label is not None:
            yield "", self.field.empty_label
        rows = self.field.rows_read
        key = str(self.queryset.query)
        if key not in rows:
            rows[key] = list(self.queryset)
        for row in rows[key]:
            yield self.choice(row)


def _is_new(request):
    """Whether the page asks for a new row."""
    match = request.resolver_match
    return match is not None and (match.url_name or "").endswith("_add")


def _the_only_one(rows):
    keys = rows.order_by("pk").values_list("pk", flat=True)[:2]
    return keys[0] if len(keys) == 1 else None


class ReadOnlyMixin:
    """Rows that the admin shows and never writes."""

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class ScopedInline(admin.TabularInline):
    """Part of its parent: whoever may see or change that may see or change this."""

    extra = 0
    formfield_overrides = CLEAN_COLUMNS

    def get_formset(self, request, obj=None, **kwargs):
        # As the form above it.
        formset = versions.versioned_formset(super().get_formset(request, obj, **kwargs))
        formset.form = form_sent_by(formset.form, request.user)
        return formset

    def _parent(self, request):
        return self.admin_site.get_model_admin(self.parent_model)

    def has_view_permission(self, request, obj=None):
        return self._parent(request).has_view_permission(request, obj)

    def has_add_permission(self, request, obj=None):
        return self._parent(request).has_change_permission(request, obj)

    has_change_permission = has_delete_permission = has_add_permission


class ReadOnlyInline(ReadOnlyMixin, ScopedInline):
    """A list under its parent, for reading."""

    can_delete = False


def changed_columns(form):
    """Names of the changed fields that are columns of the form's row, sorted."""
    columns = {field.name for field in form.instance._meta.concrete_fields}
    return sorted(columns.intersection(form.changed_data))
