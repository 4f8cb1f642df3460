"""The queue: what waits for whom, in which order, fifty at a time, and what the filters find."""

import base64
import json
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
from yuanhang.core.paging import encode_cursor

URL = "/hazards/queue/"


@pytest.fixture
def queue(visit, town):
    """`queue("grid_worker", tab="all")`: the response."""

    def ask(role, *, htmx=False, **parameters):
        headers = {"HX-Request": "true"} if htmx else {}
        return visit(getattr(town, role)).get(URL, parameters, headers=headers)

    return ask


def listed(response):
    """The descriptions on the page, in order."""
    assert response.status_code == 200
    return [hazard.description for hazard in response.context["hazards"]]


def waiting(hazard, *, minutes, **fields):
    """Let a case have waited for so long."""
    since = timezone.now() - timedelta(minutes=minutes)
    Hazard.objects.filter(pk=hazard.pk).update(waiting_since=since, **fields)
    return hazard


def to_state(town, state, grid=None, **fields):
    """A case in a state of the main road."""
    hazard = report(grid or town.six, by=town.rider, **fields)
    if state == "submitted":
        return hazard
    if state == "needs_info":
        return cases.ask_info(hazard, by=town.grid_worker, reason="哪里")
    return advance(hazard, state, reviewer=town.grid_worker, officer=town.officer)


STATES = ("submitted", "needs_info", "accepted", "escalated", "dispatched", "fixed", "closed")


@pytest.fixture
def one_of_each(town):
    """A case of grid six in every state of the main road, described by its state."""
    return {state: to_state(town, state, description=state) for state in STATES}


# --- order and tabs -------------------------------------------------------------------------


def test_most_urgent_first_then_longest_waiting_then_oldest(queue, town):
    waiting(report(town.six, description="normal, long"), minutes=300, urgency=3)
    waiting(report(town.six, description="soon, short"), minutes=1, urgency=2)
    waiting(report(town.six, description="urgent, short"), minutes=2, urgency=1)
    waiting(report(town.six, description="soon, long"), minutes=200, urgency=2)
    same = timezone.now() - timedelta(minutes=100)
    for name in ("twin a", "twin b"):
        twin = report(town.six, description=name)
        Hazard.objects.filter(pk=twin.pk).update(waiting_since=same, urgency=2)
    assert listed(queue("grid_worker")) == [
        "urgent, short",
        "soon, long",
        "twin a",
        "twin b",
        "soon, short",
        "normal, long",
    ]


def test_what_waits_is_what_this_persons_next_step_is(queue, town, one_of_each):
    shown = {
        role: set(listed(queue(role)))
        for role in ("grid_worker", "other_grid_worker", "staff", "other_staff", "officer", "admin")
    }
    assert shown == {
        "grid_worker": {"submitted", "accepted", "fixed"},
        "other_grid_worker": set(),
        "staff": set(),
        "other_staff": set(),
        "officer": {"escalated", "dispatched"},
        "admin": {"submitted", "accepted", "fixed", "escalated", "dispatched"},
    }


def test_where_nobody_holds_the_grid_it_waits_for_the_staff(queue, town, one_of_each):
    report(None, community=town.community, description="outside")
    assert set(listed(queue("staff"))) == {"outside"}
    town.grid_worker.is_active = False
    town.grid_worker.save()
    assert set(listed(queue("staff"))) == {"outside", "submitted", "accepted", "fixed"}


def test_the_tabs(queue, town, one_of_each):
    tabs = {tab: set(listed(queue("staff", tab=tab))) for tab in ("verify", "open", "all")}
    assert tabs == {
        "verify": {"fixed"},
        "open": set(STATES) - {"closed"},
        "all": set(STATES),
    }


def test_everything_is_read_newest_first(queue, town, one_of_each):
    assert listed(queue("grid_worker", tab="all")) == list(reversed(STATES))


def test_ones_own_report_elsewhere_is_no_work(queue, town):
    report(town.far, by=town.grid_worker, description="mine")
    assert listed(queue("grid_worker", tab="all")) == []


def test_several_posts_add_up(queue, town):
    post(town.grid_worker, "grid_worker", town.one)
    report(town.six, description="six")
    report(town.one, description="one")
    report(town.far, description="far")
    assert set(listed(queue("grid_worker"))) == {"six", "one"}


# --- filters --------------------------------------------------------------------------------


def test_filters_by_state_category_grid_period_and_words(queue, town):
    report(town.six, description="old ice", category="ice")
    Hazard.objects.update(submitted_at=timezone.now() - timedelta(days=40))
    report(town.one, description="new lamp", category="street_light", place="南七街")
    to_state(town, "accepted", description="new manhole")
    lamp = Hazard.objects.get(description="new lamp")
    found = {
        json.dumps(parameters): set(listed(queue("staff", tab="all", **parameters)))
        for parameters in (
            {"state": "accepted"},
            {"category": "ice"},
            {"grid": town.one.pk},
            {"period": "30"},
            {"period": "90"},
            {"q": "南七"},
            {"q": lamp.number},
            {"category": "street_light", "state": "accepted"},
        )
    }
    assert list(found.values()) == [
        {"new manhole"},
        {"old ice"},
        {"new lamp"},
        {"new lamp", "new manhole"},
        {"old ice", "new lamp", "new manhole"},
        {"new lamp"},
        {"new lamp"},
        set(),
    ]


def test_today_begins_at_midnight(queue, town):
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    for name, moment in (("yesterday", midnight - timedelta(seconds=1)), ("today", midnight)):
        hazard = report(town.six, description=name)
        Hazard.objects.filter(pk=hazard.pk).update(submitted_at=moment)
    assert listed(queue("grid_worker", period="1")) == ["today"]
    assert set(listed(queue("grid_worker", period="7"))) == {"yesterday", "today"}


@pytest.mark.parametrize(
    "nonsense",
    [
        {"tab": "dragons"},
        {"state": "dragons"},
        {"category": "dragons"},
        {"grid": "999999"},
        {"grid": "六"},
        {"grid": "99999999999999999999999"},
        {"period": "-1"},
        {"q": "冰" * 61},
        {"q": "a\0b"},
        {"dragons": "1"},
    ],
)
def test_nonsense_in_a_filter_is_ignored(queue, town, nonsense):
    report(town.six, description="井盖")
    response = queue("grid_worker", **nonsense)
    assert listed(response) == ["井盖"]
    assert not response.context["form"].is_filtered


def test_a_grid_of_others_is_no_filter_and_no_way_in(queue, town):
    report(town.six, description="six")
    report(town.far, description="far")
    response = queue("grid_worker", tab="all", grid=town.far.pk)
    assert listed(response) == ["six"]
    assert set(response.context["form"].fields["grid"].queryset) == {town.six}


@pytest.mark.parametrize(
    ("role", "grids"),
    [
        ("grid_worker", {"six"}),
        ("staff", {"six", "one"}),
        ("officer", {"six", "one", "far"}),
        ("admin", {"six", "one", "far"}),
    ],
)
def test_the_grids_to_choose_from_are_ones_own(queue, town, role, grids):
    offered = set(queue(role).context["form"].fields["grid"].queryset)
    assert offered == {getattr(town, name) for name in grids}


def test_an_empty_queue_says_what_to_do_next(queue, town):
    assert "都处理完了" in queue("grid_worker").content.decode()
    assert "没有找到" in queue("grid_worker", q="冰").content.decode()


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


@pytest.mark.parametrize("number", ["", "YH20200101-0001", "garbage", "\0"])
def test_a_case_that_is_not_there_leaves_the_place_empty(queue, town, number):
    report(town.six)
    assert "点左边一件来处理" in queue("grid_worker", case=number).content.decode()


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
    assert queue("grid_worker").context["todo_count"] == 0
    many(town, 3)
    assert queue("grid_worker", q="nothing").context["todo_count"] == 3
    many(town, 100)
    assert "99+" in queue("grid_worker").content.decode()


# --- queries --------------------------------------------------------------------------------

QUEUE_QUERIES = 11


@pytest.mark.parametrize("count", [1, 100])
def test_the_queue_asks_as_often_for_one_case_as_for_a_hundred(
    visit, town, django_assert_num_queries, count
):
    photo = stored_photo(media.jpeg(60, 40))
    for number in range(count):
        grid = town.six if number % 2 else town.one
        report(grid, by=town.rider, attachments=Attachments(photos=[photo]))
    client = visit(town.admin)
    with django_assert_num_queries(QUEUE_QUERIES):
        client.get(URL)
    with django_assert_num_queries(QUEUE_QUERIES):
        client.get(URL, {"tab": "all"})


def test_more_posts_and_grids_cost_no_more_queries(visit, town, django_assert_num_queries):
    report(town.six)
    client = visit(town.grid_worker)
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
    with django_assert_num_queries(QUEUE_QUERIES):
        client.get(URL)
