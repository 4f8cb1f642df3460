"""Admin lists of any length: counted up to a point, and honest about the rest."""

import pytest
from django.contrib import admin

from yuanhang.core import audit, capped_paging
from yuanhang.core.models import AuditEvent

LIST = "/admin/yuanhang/auditevent/"


@pytest.fixture
def page(town, visit, monkeypatch):
    """The list of the trail with so many rows, of which so many are counted."""

    def page(rows, counted, **query):
        monkeypatch.setattr(capped_paging, "COUNTED_MAX", counted)
        monkeypatch.setattr(admin.site.get_model_admin(AuditEvent), "list_per_page", 2)
        client = visit(town.admin)
        AuditEvent.objects.all().delete()
        for _ in range(rows):
            audit.record("stations.touch", town.station, by=town.staff)
        return client.get(LIST, query)

    return page


def test_all_rows_are_counted_while_they_are_few(page):
    words = page(rows=4, counted=4).content.decode()
    assert "共 4 条" in words
    assert "再往后的请筛选或查找" not in words


def test_whoever_leafs_is_told_where_the_pages_end(page):
    answer = page(rows=5, counted=4)
    words = answer.content.decode()
    assert "前 4 条，再往后的请筛选或查找" in words
    assert "共 " not in words
    assert answer.context["cl"].paginator.count == 4


def test_no_page_lies_behind_the_last(page):
    assert page(rows=5, counted=4, p=2).status_code == 200
    assert page(rows=5, counted=4, p=3).status_code == 302


def test_the_newest_stand_on_the_first_page(page):
    shown = [event.pk for event in page(rows=5, counted=4).context["cl"].result_list]
    assert shown == sorted(AuditEvent.objects.values_list("pk", flat=True))[:-3:-1]
