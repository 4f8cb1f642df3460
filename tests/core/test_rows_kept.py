"""Rows that staff edit now and then: kept while their table is unchanged, not a moment longer."""

import pytest
from django.apps import apps
from django.db import connection, models, transaction
from django.test.utils import CaptureQueriesContext

from hazards.cases.models.hazards import Hazard
from hazards.cases.models.steps import Step
from hazards.catalogue.models import Category
from stations.areas.models import Grid
from tests.factories.hazards import report
from yuanhang.core import kept_rows
from yuanhang.core.kept_answers import one_reading
from yuanhang.core.kept_rows import KeptForeignKey, attach, rows_of
from yuanhang.core.models import TableVersion


def _kept_keys():
    found = [
        field
        for model in apps.get_models()
        for field in model._meta.local_fields
        if isinstance(field, KeptForeignKey)
    ]
    assert len(found) > 12
    return found


def test_every_kept_key_leads_to_a_watched_table(db):
    watched = set(TableVersion.objects.values_list("name", flat=True))
    for field in _kept_keys():
        assert field.remote_field.model._meta.db_table in watched, field


def test_to_a_migration_it_is_any_foreign_key():
    for field in _kept_keys():
        assert field.deconstruct()[1] == "django.db.models.ForeignKey"


def test_a_list_asks_once_for_what_its_rows_lead_to(town, django_assert_num_queries):
    for _n in range(3):
        report(town.six)
    attach(Hazard.objects.all(), "category", "grid")
    with one_reading(), CaptureQueriesContext(connection) as caught:
        rows = list(Hazard.objects.all())
        attach(rows, "category", "grid", "organisation")
        names = {(row.category.name, row.grid.name, row.organisation) for row in rows}
        assert [row.grid.community.name for row in rows] == [town.community.name] * 3
    assert names == {(rows[0].category.name, town.six.name, None)}
    # The rows and the versions; the community was not asked for before.
    assert len(caught) == 3


def test_a_row_alone_is_kept_as_well(town):
    case = report(town.six)
    assert Hazard.objects.get(pk=case.pk).grid == town.six
    with one_reading(), CaptureQueriesContext(connection) as caught:
        assert Hazard.objects.get(pk=case.pk).grid == town.six
    assert not [query for query in caught if 'FROM "stations_grid"' in query["sql"]]


CHANGES = {
    "saved": lambda grid: Grid(**{**_values(grid), "name": "新名字"}).save(force_update=True),
    "all at once": lambda grid: Grid.objects.filter(pk=grid.pk).update(name="新名字"),
    "by hand": lambda grid: connection.cursor().execute("UPDATE stations_grid SET name = '新名字'"),
}


def _values(row):
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_is_noticed(town, change):
    case = report(town.six)
    assert Hazard.objects.get(pk=case.pk).grid.name == town.six.name
    CHANGES[change](town.six)
    assert Hazard.objects.get(pk=case.pk).grid.name == "新名字"


def test_what_a_request_saves_it_reads(town):
    case = report(town.six)
    with one_reading():
        assert Hazard.objects.get(pk=case.pk).grid.name == town.six.name
        CHANGES["saved"](town.six)
        assert Hazard.objects.get(pk=case.pk).grid.name == "新名字"


def test_what_was_undone_was_never_so(town):
    case = report(town.six)
    before = Hazard.objects.get(pk=case.pk).grid.name
    with transaction.atomic():
        CHANGES["all at once"](town.six)
        assert Hazard.objects.get(pk=case.pk).grid.name == "新名字"
        transaction.set_rollback(True)
    assert Hazard.objects.get(pk=case.pk).grid.name == before


def test_who_changes_an_object_changes_it_for_nobody_else(town):
    case = report(town.six)
    with one_reading():
        mine = Hazard.objects.get(pk=case.pk).grid
        assert Hazard.objects.get(pk=case.pk).grid is mine
        mine.name = "只有我看见"
    with one_reading():
        assert Hazard.objects.get(pk=case.pk).grid.name == town.six.name


def test_a_row_that_is_gone_does_not_exist(town):
    case = report(town.six)
    case = Hazard.objects.get(pk=case.pk)
    case.grid_id = 10**9
    with pytest.raises(Grid.DoesNotExist):
        _ = case.grid


def test_of_a_table_that_nobody_watches_each_row_is_asked_for(town):
    step = report(town.six).steps.get()
    for _n in range(2):
        with one_reading(), CaptureQueriesContext(connection) as caught:
            assert rows_of(Step, [step.pk])[step.pk] == step
        assert len(caught) == 2


def test_the_oldest_goes_first(town, monkeypatch):
    monkeypatch.setattr(kept_rows, "MOST", 2)
    keys = list(Category.objects.values_list("pk", flat=True)[:3])
    for key in keys:
        rows_of(Category, [key])
    with CaptureQueriesContext(connection) as caught:
        rows_of(Category, keys[1:])
    assert len(caught) == 1
    with CaptureQueriesContext(connection) as caught:
        rows_of(Category, keys[:1])
    assert len(caught) == 2


def test_a_kept_key_is_deleted_and_joined_like_any_other(town):
    report(town.six)
    assert Hazard.objects.select_related("grid").get().grid == town.six
    assert Hazard.objects.filter(grid__community=town.community).count() == 1
    with pytest.raises(models.ProtectedError):
        town.six.delete()
