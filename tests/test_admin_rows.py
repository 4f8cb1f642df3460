"""Every list and page of the admin: what it asks the database, what it deletes, what it tells."""

import pytest
from django.contrib import admin
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from tests.factories.admin_rows import MAKERS
from yuanhang.core.models import AuditEvent, User
from yuanhang.core.scoped_admin import ScopedAdmin

QUERIES_MAX = 15
OURS = {"yuanhang", "stations", "workers", "hazards", "volunteers"}
ADMINS = {
    model._meta.label_lower: model_admin
    for model, model_admin in admin.site._registry.items()
    if model._meta.app_label in OURS
}


def test_every_admin_of_ours_is_walked():
    assert MAKERS.keys() == ADMINS.keys()
    assert all(isinstance(model_admin, ScopedAdmin) for model_admin in ADMINS.values())


def address(label, row=None, what=""):
    base = f"/admin/{label.replace('.', '/')}/"
    return f"{base}{row.pk}/{what}/" if row is not None else base


def queries(client, url):
    """How many queries a page costs, or None where it is not shown."""
    with CaptureQueriesContext(connection) as caught:
        answer = client.get(url)
    return len(caught) if answer.status_code == 200 else None


@pytest.mark.parametrize("label", sorted(MAKERS))
def test_lists_and_pages_cost_the_same_for_three_rows_and_for_thirty(town, visit, label):
    rows = [MAKERS[label](town) for _ in range(3)]
    costs = {}
    for count in (3, 30):
        rows += [MAKERS[label](town) for _ in range(count - len(rows))]
        for who in ("staff", "admin"):
            client = visit(getattr(town, who))
            # Django keeps content types for the life of a process; they are not counted.
            client.get(address(label, rows[0], "change"))
            # Nor is what staff edit, from the first look on.
            client.get(address(label))
            listed = queries(client, address(label))
            changed = queries(client, address(label, rows[0], "change"))
            costs.setdefault(who, []).append((listed, changed))
    for who, (few, many) in costs.items():
        assert few == many, (who, few, many)
        assert max(cost or 0 for cost in few) <= QUERIES_MAX, (who, few)


DELETABLE = sorted(
    label
    for label, model_admin in ADMINS.items()
    if "delete" not in model_admin.nobody_may
    and type(model_admin).has_delete_permission is ScopedAdmin.has_delete_permission
)


def removed(row):
    """The trail's events about a row that went."""
    events = AuditEvent.objects.filter(
        target_type=row._meta.label_lower, target_id=str(row.pk), kind__contains=".remove_"
    )
    return events.count()


@pytest.mark.parametrize("label", DELETABLE)
def test_whatever_an_administrator_deletes_leaves_a_trace_by_every_door(town, visit, label):
    """One by its own page, two by the list's action."""
    one, two, three = (MAKERS[label](town) for _ in range(3))
    client = visit(town.admin)
    client.post(address(label, one, "delete"), {"post": "yes"})
    chosen = {"action": "delete_selected", "_selected_action": [two.pk, three.pk], "post": "yes"}
    client.post(address(label), chosen)
    left = type(one)._default_manager.filter(pk__in=[one.pk, two.pk, three.pk])
    gone = [row for row in (one, two, three) if not left.filter(pk=row.pk).exists()]
    assert [removed(row) for row in gone] == [1] * len(gone)
    assert [removed(row) for row in left] == [0] * len(left)


NEVER_DELETED = sorted(
    label for label, model_admin in ADMINS.items() if "delete" in model_admin.nobody_may
)


@pytest.mark.parametrize("label", NEVER_DELETED)
def test_what_nobody_may_delete_stays(town, visit, label):
    row = MAKERS[label](town)
    client = visit(town.admin)
    client.post(address(label, row, "delete"), {"post": "yes"})
    client.post(
        address(label),
        {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"},
    )
    assert type(row)._default_manager.filter(pk=row.pk).exists()


def asked_by(user):
    """A request of somebody's, as the admin looks at it to decide what they may filter by."""
    request = RequestFactory().get("/admin/")
    request.user = User.objects.get(pk=user.pk)
    return request


def lookups(model):
    """Every column of a model and, one relation further, of those it refers to."""
    for field in model._meta.get_fields():
        if field.is_relation:
            related = getattr(field, "related_model", None)
            for other in related._meta.concrete_fields if related else ():
                yield f"{field.name}__{other.name}__startswith"
                yield f"{field.name}__{other.name}__regex"
        else:
            for end in ("startswith", "regex", "contains", "in", "range", "year"):
                yield f"{field.name}__{end}"


@pytest.mark.parametrize("label", sorted(MAKERS))
def test_no_field_is_guessed_through_the_address_of_a_list(town, label):
    """A receipt's token was rebuilt letter by letter; so could be any other field."""
    model_admin = ADMINS[label]
    request = asked_by(town.staff)
    for lookup in lookups(model_admin.model):
        assert not model_admin.lookup_allowed(lookup, "a", request), lookup


@pytest.mark.parametrize("label", sorted(MAKERS))
def test_only_declared_filters_ask_for_whole_values(town, label):
    model_admin = ADMINS[label]
    request = asked_by(town.staff)
    declared = {item[0] if isinstance(item, tuple) else item for item in model_admin.list_filter}
    for field in model_admin.model._meta.concrete_fields:
        for lookup in (field.name, f"{field.name}__exact", f"{field.name}__isnull"):
            allowed = model_admin.lookup_allowed(lookup, "a", request)
            assert allowed is (field.name in declared), lookup


@pytest.mark.logs_errors
@pytest.mark.parametrize("lookup", ["receipt_token__startswith", "lookup_code__regex"])
def test_the_list_refuses_a_guess(town, visit, lookup):
    MAKERS["hazards.hazard"](town)
    answer = visit(town.staff).get("/admin/hazards/hazard/", {lookup: "a"})
    assert answer.status_code in (302, 400)


def test_the_declared_filters_go_on_working(town, visit):
    MAKERS["hazards.hazard"](town)
    for query in ({"state__exact": "submitted"}, {"community__id__exact": town.community.pk}):
        answer = visit(town.staff).get("/admin/hazards/hazard/", query)
        assert answer.status_code == 200
        assert answer.context["cl"].result_count == 1
