"""The row of a case in a list: rendered once for all it shows, the minute filled in afterwards."""

from datetime import timedelta

import pytest
from django.utils import timezone

from hazards.case_page import rows
from hazards.case_page.rows import row_of
from hazards.cases.models.hazards import Hazard
from hazards.catalogue.models import Category
from tests.factories.hazards import report


@pytest.fixture(autouse=True)
def _nothing_kept():
    rows._rendered.cache_clear()


def row(hazard, url=""):
    found = Hazard.objects.with_holders().with_row_facts().select_related("taken_by")
    return row_of(found.get(pk=hazard.pk), url)


def at(monkeypatch, moment):
    monkeypatch.setattr(timezone, "now", lambda: moment)


def rendered():
    return rows._rendered.cache_info().misses


def test_minutes_and_address_are_filled_into_the_same_row(town, monkeypatch):
    hazard = report(town.six)
    first = row(hazard)
    at(monkeypatch, hazard.submitted_at + timedelta(minutes=8, seconds=1))
    later = row(hazard, "/elsewhere/?tab=all&q=<b>")
    assert rendered() == 1
    assert f'href="{hazard.get_absolute_url()}"' in first
    assert 'href="/elsewhere/?tab=all&amp;q=&lt;b&gt;"' in later
    assert "等了 8 分钟" in later
    assert "\0" not in first + later


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"place": "新的路口 <b>"}, "新的路口 &lt;b&gt;"),
        ({"description": "翘起来了"}, "「翘起来了」"),
        ({"heard": "听到的话"}, "「听到的话」"),
        ({"urgency": 1}, 'class="urgent"'),
    ],
)
def test_what_a_row_shows_is_shown_as_it_is_now(town, changes, words):
    hazard = report(town.six)
    assert words not in row(hazard)
    Hazard.objects.filter(pk=hazard.pk).update(**changes)
    assert words in row(hazard)
    assert rendered() == 2


def test_another_name_of_its_kind_shows_at_once(town):
    hazard = report(town.six)
    row(hazard)
    Category.objects.filter(pk=hazard.category_id).update(name="新名字", seal="新")
    assert "<strong>新名字 " in row(hazard)
    assert ">新</span>" in row(hazard)


def test_a_lease_shows_while_it_lasts(town, monkeypatch):
    hazard = report(town.six)
    until = timezone.now() + timedelta(minutes=30)
    Hazard.objects.filter(pk=hazard.pk).update(taken_by=town.grid_worker, taken_until=until)
    assert f"{town.grid_worker.display_name}在办" in row(hazard)
    at(monkeypatch, until + timedelta(seconds=1))
    assert "在办" not in row(hazard)
