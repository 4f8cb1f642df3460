"""The queue fifty at a time, beside its case, and how much it asks the database."""

import base64
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from hazards.cases import cases
from hazards.cases.attachments import Attachments
from hazards.cases.models.hazards import Hazard
from tests import media
from tests.factories.hazards import advance, report, stored_photo
from tests.factories.stations import GridFactory, square
from tests.factories.workers import UserFactory, post
from tests.hazards.review.queue_help import URL, listed, waiting
from yuanhang.core.paging import encode_cursor

# --- fifty at a time ------------------------------------------------------------------------


def many(town, count, **fields):
    """Cases whose urgency and waiting time repeat, so that ties fall across pages."""
    start = timezone.now() - timedelta(hours=5)
    for number in range(count):
        hazard = report(town.six, description=f"{number}", **fields)
        Hazard.objects.filter(pk=hazard.pk).update(
            urgency=number % 3 + 1, waiting_since=start + timedelta(minutes=number % 4)
        )


def after(response):
    return response.context["following"]


@pytest.mark.parametrize("tab", ["todo", "all"])
def test_no_row_is_lost_or_doubled_while_new_ones_arrive(queue, town, tab):
    many(town, 120)
    before = set(Hazard.objects.values_list("pk", flat=True))
    seen, cursor, sizes = [], "", []
    while True:
        response = queue("grid_worker", tab=tab, **({"after": cursor} if cursor else {}))
        rows = response.context["hazards"]
        sizes.append(len(rows))
        seen += [row.pk for row in rows]
        cursor = after(response)
        if not cursor:
            break
        # One at the very top, one at the very end of the order.
        waiting(report(town.six), minutes=9_999, urgency=1)
        waiting(report(town.six), minutes=0, urgency=4)
    assert sizes[:2] == [50, 50]
    assert len(seen) == len(set(seen))
    assert before <= set(seen)


def test_the_link_to_the_next_page_keeps_the_filters(queue, town):
    many(town, 51, category="ice")
    assert after(queue("grid_worker", category="ice", q="冰")) == ""
    response = queue("grid_worker", category="ice", seen="x", case="y")
    page = response.content.decode()
    assert f'href="?category=ice&amp;after={after(response)}"' in page
    second = queue("grid_worker", category="ice", after=after(response))
    assert len(second.context["hazards"]) == 1
    assert 'href="?category=ice">回到最前' in second.content.decode()
    assert 'hx-trigger="every' not in second.content.decode()


GARBAGE = [
    "garbage",
    "é",
    "[]",
    encode_cursor([]),
    encode_cursor(["a", "b", "c"]),
    encode_cursor([1, "not a time", 1]),
    encode_cursor([1, "2026-11-23T12:00:00", 1]),
    encode_cursor([1, "2026-99-99T12:00:00+08:00", 1]),
    encode_cursor([None, None, None]),
    encode_cursor([{}, {}, {}]),
    encode_cursor({"a": 1}),
    encode_cursor([[1], "2026-11-23T12:00:00+08:00", 1]),
    encode_cursor([float("inf"), "2026-11-23T12:00:00+08:00", 1]),
    encode_cursor([float("nan"), "2026-11-23T12:00:00+08:00", 1]),
    encode_cursor(["1"]),
    encode_cursor([1.5]),
    encode_cursor([None]),
    base64.urlsafe_b64encode(b"\xff\xfe").decode(),
]


@pytest.mark.parametrize("tab", ["todo", "all"])
@pytest.mark.parametrize("cursor", GARBAGE)
def test_a_cursor_that_is_none_of_ours_shows_the_first_page(queue, town, tab, cursor):
    report(town.six, description="井盖")
    assert listed(queue("grid_worker", tab=tab, after=cursor)) == ["井盖"]


def test_numbers_too_large_for_the_database_do_no_harm(queue, visit, town):
    report(town.six, description="井盖")
    since = "2026-11-23T12:00:00+08:00"
    for cursor in ([10**30], [-(10**30)], [10**30, since, 1], [1, since, 10**30]):
        for tab in ("todo", "all"):
            assert queue("grid_worker", tab=tab, after=encode_cursor(cursor)).status_code == 200
        address = f"/hazards/mine/?before={encode_cursor(cursor)}"
        assert visit(town.rider).get(address).status_code == 200


# --- beside the list, and by itself ---------------------------------------------------------


def test_the_case_stands_beside_the_list(queue, town):
    hazard = report(town.six, description="井盖翘起来了")
    page = queue("grid_worker", case=hazard.number)
    assert page.context["hazard"] == hazard
    assert "hazards/case_page/_case.html" in {template.name for template in page.templates}


@pytest.mark.parametrize("number", ["YH20200101-0001", "garbage", "\0"])
def test_a_case_that_is_not_there_leaves_the_place_empty(queue, town, number):
    report(town.six)
    assert "点左边一件来处理" in queue("grid_worker", case=number).content.decode()


OPENS = "data-opens-first"


def test_where_no_case_was_asked_for_none_is_made_and_the_script_opens_the_first(queue, town):
    waiting(report(town.six, description="later"), minutes=1, urgency=3)
    first = waiting(report(town.six, description="first"), minutes=1, urgency=1)
    for parameters in ({}, {"case": ""}, {"tab": "open"}):
        page = queue("grid_worker", **parameters)
        assert OPENS in page.content.decode()
        # What is true without scripts is what stands there at first.
        assert "点左边一件来处理" in page.content.decode()
        assert "hazards/case_page/_case.html" not in {one.name for one in page.templates}
        assert "moves" not in page.context
        # The first row of the list is the one that opens.
        rows = re.findall(r'class="case-row" href="([^"]+)"', page.content.decode())
        assert rows[0].startswith(f"{URL}{first.number}/")
    # Nothing is there to open, somebody sets the filters, or a case was asked for.
    for parameters in ({"tab": "verify"}, {"filters": "1"}, {"case": first.number}, {"case": "x"}):
        assert OPENS not in queue("grid_worker", **parameters).content.decode()


def test_a_case_of_others_is_not_shown_beside_the_list(queue, town):
    hazard = report(town.far, description="别人的")
    page = queue("grid_worker", case=hazard.number).content.decode()
    assert "别人的" not in page
    assert hazard.number not in page


def test_a_poll_that_finds_nothing_new_answers_nothing(queue, town):
    hazard = report(town.six, description="井盖")
    first = queue("grid_worker", htmx=True)
    stamp = re.search(r'data-stamp="(\w+)"', first.content.decode())[1]
    quiet = queue("grid_worker", htmx=True, seen=stamp)
    assert (quiet.status_code, quiet.content) == (204, b"")
    # The first two leave the order of the list as it is.
    news = {
        "a move": lambda: cases.ask_info(hazard, by=town.grid_worker, reason="哪里"),
        "an urgency": lambda: Hazard.objects.filter(pk=hazard.pk).update(urgency=1),
        "a new one": lambda: report(town.six),
    }
    for name, happen in news.items():
        stamp = queue("grid_worker", htmx=True, tab="open").context["stamp"]
        assert queue("grid_worker", htmx=True, tab="open", seen=stamp).status_code == 204
        happen()
        assert queue("grid_worker", htmx=True, tab="open", seen=stamp).status_code == 200, name


def test_htmx_gets_the_very_fragment_that_the_page_includes(queue, town):
    report(town.six, description="井盖")
    page, fragment = queue("grid_worker"), queue("grid_worker", htmx=True)
    assert "HX-Request" in fragment["Vary"]
    assert "HX-Request" in page["Vary"]
    text = fragment.content.decode().strip()
    assert text.startswith('<div id="hazard-list"')
    assert "<html" not in text
    assert text in page.content.decode()


def test_without_htmx_a_stamp_changes_nothing(queue, town):
    report(town.six, description="井盖")
    stamp = queue("grid_worker").context["stamp"]
    assert listed(queue("grid_worker", seen=stamp)) == ["井盖"]


def test_the_number_of_waiting_cases_is_counted_to_ninety_nine(queue, town):
    assert queue("grid_worker").context["waiting"] == ""
    many(town, 3)
    assert queue("grid_worker", q="nothing").context["waiting"] == "3"
    many(town, 100)
    page = queue("grid_worker").content.decode()
    assert "<title>(99+) 隐患队列" in page
    assert 'data-title="(99+) 隐患队列' in page
    assert "待我处理 99+" in " ".join(page.split())


def test_the_tabs_count_what_is_due_and_what_is_to_be_checked(queue, town):
    report(town.six, category="elder")  # due at once
    advance(report(town.six, by=town.rider), "fixed", reviewer=town.grid_worker)
    found = {tab: count for tab, _label, count in queue("grid_worker").context["tabs"]}
    counted = {"todo": "2", "overdue": "", "due": "1", "verify": "1"}
    assert found == counted | {"open": "", "all": ""}
    # A poll brings them along, so that the counts follow what arrives.
    report(town.six)
    fresh = queue("grid_worker", htmx=True)
    assert "待我处理 3" in " ".join(fresh.content.decode().split())
    assert 'data-title="(3) ' in fresh.content.decode()


# --- queries --------------------------------------------------------------------------------

QUEUE_QUERIES = 7


@pytest.mark.parametrize("count", [1, 100])
def test_the_queue_asks_as_often_for_one_case_as_for_a_hundred(
    visit, town, django_assert_num_queries, count
):
    photo = stored_photo(media.jpeg(60, 40))
    for number in range(count):
        grid = town.six if number % 2 else town.one
        report(grid, by=town.rider, attachments=Attachments(photos=[photo]))
    client = visit(town.admin)
    client.get(URL)  # what staff edit is kept from then on
    with django_assert_num_queries(QUEUE_QUERIES):
        client.get(URL)
    with django_assert_num_queries(QUEUE_QUERIES):
        client.get(URL, {"tab": "all"})


def test_more_posts_and_grids_cost_no_more_queries(visit, town, django_assert_num_queries):
    report(town.six)
    client = visit(town.grid_worker)
    client.get(URL)
    with django_assert_num_queries(QUEUE_QUERIES):
        client.get(URL)
    for number in range(3):
        grid = GridFactory(
            community=town.community,
            number=10 + number,
            boundary=square(46.60, 124.90 + 0.01 * number),
        )
        post(town.grid_worker, "grid_worker", grid)
        post(UserFactory(), "grid_worker", grid)
        report(grid)
    client.get(URL)
    with django_assert_num_queries(QUEUE_QUERIES):
        client.get(URL)
