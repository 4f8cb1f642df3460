"""What a process keeps of tables that staff edit: used while it is so, and not a moment longer."""

import threading
from datetime import time

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver

from hazards.deadlines.models import WorkingSpan
from stations.areas.models import Grid
from yuanhang.core import kept_answers
from yuanhang.core.kept_answers import kept, one_reading
from yuanhang.core.models import TableVersion

asked = []


@kept("hazards_workingspan")
def spans():
    asked.append("spans")
    return tuple(WorkingSpan.objects.order_by("opens").values_list("opens", flat=True))


@kept("hazards_workingspan")
def twice(number):
    asked.append(number)
    return number * 2


@kept("hazards_step")
def unwatched():
    asked.append("unwatched")


@pytest.fixture(autouse=True)
def _nothing_asked():
    asked.clear()


def test_every_table_that_answers_depend_on_is_watched(db):
    get_resolver().check()  # loads every page
    ours = {table for table in kept_answers._tables if table != "hazards_step"}
    assert len(ours) >= 8
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname='kept_answers'")
        assert ours <= {name for (name,) in cursor.fetchall()}
    assert ours <= set(TableVersion.objects.values_list("name", flat=True))


def test_an_answer_is_kept_by_its_arguments(db):
    assert [spans(), spans(), twice(1), twice(1), twice(2)][2:] == [2, 2, 4]
    assert asked == ["spans", 1, 2]


CHANGES = {
    "saved": lambda: WorkingSpan.objects.create(opens=time(6), closes=time(7)),
    "by the row": lambda: WorkingSpan.objects.bulk_create(
        [WorkingSpan(opens=time(6), closes=time(7))]
    ),
    "all at once": lambda: WorkingSpan.objects.update(opens=time(6)),
    "gone": lambda: WorkingSpan.objects.all().delete(),
    "by hand": lambda: connection.cursor().execute("TRUNCATE hazards_workingspan"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_is_noticed(db, change):
    WorkingSpan.objects.create(opens=time(8), closes=time(9))
    before = spans()
    CHANGES[change]()
    assert spans() == tuple(WorkingSpan.objects.order_by("opens").values_list("opens", flat=True))
    assert spans() != before
    assert asked == ["spans"] * 2


def test_what_was_undone_was_never_so(db):
    before = spans()
    with transaction.atomic():
        WorkingSpan.objects.create(opens=time(6), closes=time(7))
        assert spans() == (*before, time(6))
        transaction.set_rollback(True)
    assert spans() == before
    WorkingSpan.objects.create(opens=time(5), closes=time(6))
    assert spans() == (*before, time(5))


def test_a_request_asks_once_for_the_versions_and_notices_what_it_saves(db):
    with one_reading(), CaptureQueriesContext(connection) as caught:
        spans()
        spans()
        twice(3)
        assert len(caught) == 2
        WorkingSpan.objects.create(opens=time(6), closes=time(7))
        assert time(6) in spans()


def test_a_table_that_nobody_watches_is_asked_each_time(db):
    unwatched()
    unwatched()
    assert asked == ["unwatched"] * 2


def test_the_oldest_goes_first(db, monkeypatch):
    monkeypatch.setattr(kept_answers, "MOST", 2)
    for number in (1, 2, 1, 3, 1, 2):
        twice(number)
    assert asked == [1, 2, 3, 2]


@pytest.mark.django_db(transaction=True)
def test_another_connection_sees_the_change_with_its_commit():
    before = spans()
    held, go_on = threading.Event(), threading.Event()

    def edit():
        with transaction.atomic():
            WorkingSpan.objects.create(opens=time(6), closes=time(7))
            held.set()
            go_on.wait(20)
        connection.close()

    editor = threading.Thread(target=edit)
    editor.start()
    assert held.wait(20)
    assert spans() == before
    go_on.set()
    editor.join(20)
    assert spans() == (*before, time(6))


def test_pages_follow_what_staff_edit(town, visit):
    client = visit(town.grid_worker)
    page = client.get("/hazards/report/").content.decode()
    assert "第八网格" not in page
    Grid.objects.filter(pk=town.six.pk).update(name="第八网格")
    assert "第八网格" in client.get("/hazards/report/").content.decode()


@pytest.mark.django_db(transaction=True)
def test_the_step_of_a_migration_goes_back():
    with connection.cursor() as cursor, transaction.atomic():
        for statement in kept_answers.watch("hazards_workingspan").reverse_sql:
            cursor.execute(statement)
        before = TableVersion.objects.get(pk="hazards_workingspan").version
        WorkingSpan.objects.create(opens=time(6), closes=time(7))
        assert TableVersion.objects.get(pk="hazards_workingspan").version == before
        transaction.set_rollback(True)
