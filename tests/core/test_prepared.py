"""Questions that are worded once in a process and planned once a connection."""

import threading

import pytest
from django.db import connection, models, transaction
from django.db.models import BigIntegerField, F, TextField
from django.test.utils import CaptureQueriesContext

from hazards.catalogue.models import Category
from stations.areas.models import Grid
from yuanhang.core.prepared import among, marked, prepared

worded = []


@prepared
def grids():
    worded.append("grids")
    numbered = Grid.objects.filter(number__gte=marked("least", "bigint", BigIntegerField()))
    return numbered.exclude(name="100% 'ja' %s").select_related("community").order_by("number")


@prepared
def names(field):
    worded.append(field)
    return (
        Category.objects.filter(among("key", "keys", "text[]"))
        .annotate(said=F(field))
        .order_by("key")
        .values_list("said", flat=True)
    )


@prepared
def twice():
    one = Category.objects.filter(key=marked("key", "text", TextField()))
    both = [one.order_by().annotate(n=models.Value(n)).values_list("n", flat=True) for n in (1, 2)]
    return both[0].union(both[1], all=True)


@pytest.fixture(autouse=True)
def _nothing_worded():
    worded.clear()
    for question in (grids, names, twice):
        question.forget()


def _plans():
    """What this connection has planned of `grids`, in all tests so far."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements WHERE statement ~ 'ja'")
        return [statement for (statement,) in cursor.fetchall()]


def test_it_answers_as_the_query_set_does_each_time_anew(town):
    for least in (0, 6, 99, 0):
        rows = grids(least=least)
        assert rows == list(Grid.objects.filter(number__gte=least).order_by("number"))
        with CaptureQueriesContext(connection) as caught:
            assert {row.community.name for row in rows} <= {c.name for c in _communities()}
        assert len(caught) == 1  # its own: what was joined is there
    Grid.objects.filter(number=6).update(name="新名字")
    assert "新名字" in [row.name for row in grids(least=0)]
    assert worded == ["grids"]


def _communities():
    return [town.community for town in Grid.objects.select_related("community")]


def test_a_connection_plans_it_once(town):
    before = len(_plans())
    for _n in range(3):
        with CaptureQueriesContext(connection) as caught:
            grids(least=0)
        assert [query["sql"].split("(")[0].split("_")[0] for query in caught] == ["EXECUTE asked"]
    plans = _plans()
    assert len(plans) == before + 1
    assert "100% 'ja' %s".replace("'", "''") in plans[0]


@pytest.mark.django_db(transaction=True)
def test_a_new_connection_and_another_thread_plan_it_for_themselves(town):
    grids(least=0)
    connection.close()
    assert len(grids(least=0)) == Grid.objects.count()
    found = []

    def ask():
        found.append(len(grids(least=0)))
        found.append(len(_plans()))
        connection.close()

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join(20)
    assert found == [Grid.objects.count(), 1]
    assert worded == ["grids"]


@pytest.mark.django_db(transaction=True)
def test_a_plan_outlives_what_is_undone(town):
    with transaction.atomic():
        grids(least=0)
        transaction.set_rollback(True)
    assert len(grids(least=0)) == Grid.objects.count()


def test_behind_a_pooler_it_is_sent_in_full(town, settings):
    settings.DB_POOLED = True
    before = len(_plans())
    with CaptureQueriesContext(connection) as caught:
        rows = grids(least=6)
    assert rows == list(Grid.objects.filter(number__gte=6).order_by("number"))
    assert "EXECUTE" not in caught.captured_queries[0]["sql"]
    assert len(_plans()) == before


def test_each_shape_has_its_words_and_none_stays_with_the_server(town):
    keys = list(Category.objects.order_by("key").values_list("key", flat=True)[:2])
    assert names("key", keys=keys) == names("key", keys=keys) == keys
    with CaptureQueriesContext(connection) as caught:
        assert names("name", keys=keys) == [Category.objects.get(pk=key).name for key in keys]
    assert "EXECUTE" not in caught.captured_queries[0]["sql"]
    assert names("key", keys=[]) == []
    assert worded == ["key", "name"]


def test_a_value_may_stand_in_it_twice(town):
    key = Category.objects.first().key
    assert sorted(twice(key=key)) == [1, 2]
    assert twice(key="") == []


def test_a_value_that_was_not_given_is_an_error(town):
    with pytest.raises(KeyError):
        grids()
