"""A part of a text is found by the index, and what is found is what `contains` finds."""

import pytest
from django.contrib import admin
from django.contrib.admin.templatetags.admin_urls import admin_urlname
from django.db import connection
from django.urls import reverse

from tests.factories.workers import UserFactory
from volunteers.record.models.service_records import ServiceRecord
from yuanhang.core.models import User

NAMES = ("王师傅（演示）", "骑手甲", "Ali·Bek", "100% 好人", "王", "a_b")


@pytest.fixture
def people(db):
    return [UserFactory(display_name=name) for name in NAMES]


@pytest.mark.parametrize(
    "part", ["王", "师傅", "骑手甲", "ali", "K", "0%", "_", "%", "王 ", "师", "演示）", "甲骑"]
)
def test_the_same_rows_as_contains(people, part):
    found = User.objects.filter(display_name__holds=part)
    assert set(found) == set(User.objects.filter(display_name__icontains=part))


def test_nothing_is_in_nothing(people):
    assert not User.objects.filter(display_name__holds="").exists()


@pytest.mark.parametrize(("part", "is_found"), [("0012", True), ("3912", False), ("012", False)])
def test_four_digits_of_a_number_or_more(db, part, is_found):
    UserFactory(phone="13900120034")
    assert User.objects.filter(phone__holds_digits=part).exists() is is_found
    assert User.objects.filter(phone__holds_digits="13900120034").exists()


def plan(rows):
    """How the database would answer where reading every row costs too much."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_indexscan = off")
    return rows.order_by().explain()


@pytest.mark.parametrize(
    ("rows", "index"),
    [
        (User.objects.filter(display_name__holds="师傅"), "user_name_part"),
        (User.objects.filter(phone__holds_digits="0012"), "user_phone_part"),
        (ServiceRecord.objects.filter(content__holds="扫雪"), "record_content_part"),
    ],
    ids=["name", "number", "ledger"],
)
def test_its_index_answers(db, rows, index):
    assert index in plan(rows)


def test_that_test_would_show_an_index_that_is_not_used(db):
    assert "user_name_part" not in plan(User.objects.filter(display_name__icontains="师傅"))


# Lists that staff write themselves stay short.
SHORT = {
    "hazards.standardcase",
    "stations.chatrobot",
    "stations.landmark",
    "stations.organisation",
    "volunteers.course",
    "volunteers.skill",
    "volunteers.team",
}
SEARCHED = {
    model._meta.label_lower: model
    for model, model_admin in admin.site._registry.items()
    if model_admin.search_fields
}


def asks_every_row(sql, params):
    return " LIKE " in sql and any(str(param).startswith("%") for param in params or ())


@pytest.mark.parametrize("label", sorted(SEARCHED))
def test_no_search_in_a_list_that_grows_reads_every_row(town, client, label):
    client.force_login(town.admin)
    seen = []

    def note(execute, sql, params, many, context):
        seen.append((str(sql), params))
        return execute(sql, params, many, context)

    address = reverse(admin_urlname(SEARCHED[label]._meta, "changelist"))
    with connection.execute_wrapper(note):
        answer = client.get(address, {"q": "扫雪"})
    assert answer.status_code == 200
    assert any(asks_every_row(*question) for question in seen) is (label in SHORT)
