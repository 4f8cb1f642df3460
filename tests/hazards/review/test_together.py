"""Several cases at once: each judged alone, and every one has its answer."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from hazards.cases import cases
from hazards.cases.models.hazards import Hazard
from hazards.catalogue.models import StandardCase
from tests.factories.hazards import report, standard
from yuanhang.core.models import AuditEvent

URL = "/hazards/queue/together/"
STATES = ("submitted", "accepted", "merged", "rejected", "needs_info")


@pytest.fixture
def send(visit, town):
    """`send("accept", rows, ...)`: the answer to the form of several."""

    def post(do, rows, *, role="grid_worker", **data):
        numbers = [getattr(row, "number", row) for row in rows]
        return visit(getattr(town, role)).post(URL, {"do": do, "case": numbers, **data})

    return post


def states(*rows):
    return [Hazard.objects.get(pk=row.pk).state for row in rows]


def answers(response):
    """{number: (went through, words)} of the page of answers."""
    found = response.context["done"] + response.context["refused"]
    return {one.hazard.number: (one.is_done, one.words) for one in found}


# --- without scripts ------------------------------------------------------------------------


def test_the_rows_are_ticked_without_scripts(queue, visit, town):
    one, two = report(town.six), report(town.six, category="ice")
    page = queue("grid_worker").content.decode()
    assert f'<form class="together" id="together" method="get" action="{URL}">' in page
    for case in (one, two):
        assert f'name="case" value="{case.number}" form="together"' in page
    chosen = {"do": "accept", "case": [one.number, two.number]}
    page = visit(town.grid_worker).get(URL, chosen)
    assert [case.number for case in page.context["chosen"]] == [one.number, two.number]
    assert states(one, two) == ["submitted", "submitted"]


# --- accepting ------------------------------------------------------------------------------


def test_several_are_accepted_under_one_standard_each_with_its_urgency(send, town):
    one, two = report(town.six, by=town.rider), report(town.six, category="ice")
    Hazard.objects.filter(pk=two.pk).update(urgency=1)
    response = send("accept", [one, two], standard_case=standard().pk, note="今天一起去")
    assert response.status_code == 200
    assert answers(response) == {
        case.number: (True, "好了，现在是「已受理」。") for case in (one, two)
    }
    for case, urgency in ((one, one.urgency), (two, 1)):
        fresh = Hazard.objects.get(pk=case.pk)
        assert (fresh.state, fresh.urgency) == ("accepted", urgency)
        assert (fresh.standard_case, fresh.steps.last().note) == (standard(), "今天一起去")
        assert fresh.steps.last().by_role == "reviewer"
    assert town.rider.notices.filter(kind="hazards.accept").count() == 1


def test_one_that_cannot_keeps_no_other_from_going_through(send, town):
    good, gone = report(town.six), report(town.six)
    cases.reject(gone, by=town.grid_worker, reason="已经好了")
    asked = cases.ask_info(report(town.six), by=town.grid_worker, reason="哪一边")
    response = send("accept", [gone, good, asked], standard_case=standard().pk)
    assert answers(response) == {
        gone.number: (False, "已被他人处理，现在是「不受理」。"),
        good.number: (True, "好了，现在是「已受理」。"),
        asked.number: (False, "还在等上报人补充。已经问到了，写一句是怎么知道的。"),
    }
    assert states(gone, good, asked) == ["rejected", "accepted", "needs_info"]
    text = response.content.decode()
    assert "办成 1 件，没办成 2 件" in text


def test_people_have_no_standard_and_things_among_them_do(send, town):
    thing, person = report(town.six), report(town.six, category="elder")
    send("accept", [thing, person], standard_case=standard().pk)
    assert states(thing, person) == ["accepted", "accepted"]
    assert Hazard.objects.get(pk=person.pk).standard_case is None
    other = report(town.six, category="elder")
    assert send("accept", [other]).status_code == 200
    assert states(other) == ["accepted"]


def test_without_a_standard_nothing_is_done_and_what_was_typed_stays(send, town):
    one, two = report(town.six), report(town.six)
    response = send("accept", [one, two], note="今天一起去")
    assert response.status_code == 400
    text = response.content.decode()
    assert "选一条立案标准" in text
    assert "今天一起去" in text
    assert f'value="{two.number}" checked' in text
    assert states(one, two) == ["submitted", "submitted"]


def test_the_standard_that_fits_all_comes_first_and_is_chosen_where_it_is_alone(visit, town):
    one, two = report(town.six), report(town.six, category="ice")
    StandardCase.categories.through.objects.all().delete()
    both, ice = standard(), standard(2)
    both.categories.set([one.category, two.category])
    ice.categories.set([two.category])
    chosen = {"do": "accept", "case": [one.number, two.number]}
    form = visit(town.grid_worker).get(URL, chosen).context["form"]
    field = form.fields["standard_case"]
    assert (field.initial, field.offered[0]) == (both, both)
    assert [row.fits for row in field.offered].count(True) == 1


# --- merging --------------------------------------------------------------------------------


def test_several_become_one(send, town):
    one, two, three = (report(town.six, by=town.rider) for _n in range(3))
    response = send("merge", [one, two, three], main=two.number)
    assert answers(response).keys() == {one.number, three.number}
    assert states(one, two, three) == ["merged", "submitted", "merged"]
    assert set(Hazard.objects.get(pk=two.pk).merged.values_list("pk", flat=True)) == {
        one.pk,
        three.pk,
    }


def test_the_oldest_one_stays_unless_somebody_chooses(visit, send, town):
    one, two = report(town.six), report(town.six)
    page = visit(town.grid_worker).get(URL, {"do": "merge", "case": [two.number, one.number]})
    assert page.context["form"].fields["main"].initial == one.number
    assert "至少要勾两件" in send("merge", [one]).content.decode()
    wrong = send("merge", [one, two], main="YH20200101-0001")
    assert wrong.status_code == 400
    assert "选一件留下来" in wrong.content.decode()
    assert states(one, two) == ["submitted", "submitted"]


# --- handing over ---------------------------------------------------------------------------


def test_several_go_to_another_grid_with_one_reason(send, town):
    one, two = report(town.six), report(town.six)
    place = f"grid-{town.one.pk}"
    response = send("reassign", [one, two], place=place, reason="在路那边")
    assert {done for done, _words in answers(response).values()} == {True}
    for case in (one, two):
        fresh = Hazard.objects.get(pk=case.pk)
        assert (fresh.grid, fresh.steps.last().note) == (town.one, "在路那边")
    assert send("reassign", [report(town.six)], place=place).status_code == 400


# --- whose they are, and how many -------------------------------------------------------------


def test_what_is_not_in_ones_charge_stops_everything(send, town):
    mine, far = report(town.six), report(town.far)
    response = send("accept", [mine, far], standard_case=standard().pk)
    assert response.status_code == 400
    assert "一件也没有动" in response.content.decode()
    assert far.description not in response.content.decode()
    assert states(mine, far) == ["submitted", "submitted"]


def test_whoever_sees_and_may_not_act_is_told_so_case_by_case(send, town):
    # Grid six has its worker: the community's staff see the case and do not review it.
    case = report(town.six)
    response = send("accept", [case], role="staff", standard_case=standard().pk)
    assert answers(response) == {case.number: (False, "不归你办，没有动。")}
    assert states(case) == ["submitted"]


@pytest.mark.parametrize(("count", "status"), [(0, 400), (1, 200), (50, 200), (51, 400)])
def test_at_most_fifty_at_once(send, town, count, status):
    rows = [report(town.six) for _n in range(count)]
    response = send("accept", rows, standard_case=standard().pk)
    assert response.status_code == status
    done = Hazard.objects.filter(state="accepted").count()
    assert done == (count if status == 200 else 0)


@pytest.mark.parametrize("junk", ["garbage", "\0", "", "YH20200101-0001", "é" * 500])
def test_junk_moves_nothing_and_breaks_nothing(send, visit, town, junk):
    case = report(town.six)
    assert send("accept", [case, junk], standard_case=standard().pk).status_code in (200, 400)
    assert send(junk, [junk]).status_code == 400
    assert visit(town.grid_worker).get(URL, {"do": junk, "case": junk}).status_code == 200


def test_a_number_ticked_twice_is_one(send, town):
    case = report(town.six)
    assert list(answers(send("accept", [case, case], standard_case=standard().pk))) == [case.number]
    assert AuditEvent.objects.filter(kind="hazards.accept").count() == 1


def test_the_page_asks_as_often_for_two_as_for_twenty(visit, town):
    client, found = visit(town.grid_worker), []
    for count in (2, 20):
        numbers = [report(town.six).number for _n in range(count)]
        client.get(URL, {"do": "accept", "case": numbers})
        with CaptureQueriesContext(connection) as asked:
            client.get(URL, {"do": "accept", "case": numbers})
        found.append(len(asked))
    assert found[0] == found[1] <= 15
