"""Questions of lists that are worded once: the same answers, and never about other rows."""

import pytest
from django.db.models import Exists, OuterRef, Subquery

from hazards.cases.models.hazards import Hazard
from tests.factories.hazards import report
from yuanhang.core.worded import worded

asked = []


@worded("id")
def ends_in(model, part):
    asked.append(part)
    return Exists(model.objects.filter(pk=OuterRef("id"), number__endswith=part))


@pytest.fixture
def hazard(town):
    asked.clear()
    return report(town.six)


def test_a_question_is_put_into_words_once_for_each_argument(hazard):
    end = hazard.number[-2:]
    for part in (end, "ZZ", end):
        found = Hazard.objects.annotate(it=ends_in(Hazard, part)).get()
        assert found.it == (part == end)
    assert asked == [end, "ZZ"]


def test_it_is_asked_of_each_row_and_takes_its_place_in_an_order(hazard, town):
    other = report(town.six)
    rows = Hazard.objects.annotate(it=ends_in(Hazard, other.number[-2:])).order_by("it")
    assert [(row.pk, row.it) for row in rows] == [(hazard.pk, False), (other.pk, True)]


def test_within_another_query_it_is_refused_instead_of_meaning_other_rows(hazard):
    inner = Hazard.objects.annotate(it=ends_in(Hazard, "1")).filter(pk=OuterRef("pk"))
    with pytest.raises(RuntimeError, match="another name"):
        list(Hazard.objects.annotate(outer=Subquery(inner.values("it"))))


def test_what_leads_beyond_the_rows_of_its_own_table_is_refused(hazard):
    @worded("id")
    def beyond(model):
        return Exists(model.objects.filter(grid__name=OuterRef("grid__name")))

    with pytest.raises(ValueError, match="one table alone"):
        list(Hazard.objects.annotate(it=beyond(Hazard)))
