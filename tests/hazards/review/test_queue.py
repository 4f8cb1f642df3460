"""The queue: what waits for whom, in which order, fifty at a time, and what the filters find."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from hazards.cases import cases
from hazards.cases.models.hazards import Hazard
from tests.factories.hazards import advance, report
from tests.factories.workers import post
from tests.hazards.review.queue_help import listed, waiting


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
    offered = set(queue(role, filters="1").context["form"].fields["grid"].queryset)
    assert offered == {getattr(town, name) for name in grids}
    # Nobody chooses from what is not shown.
    assert not queue(role).context["form"].fields["grid"].queryset


def test_an_empty_queue_says_what_to_do_next(queue, town):
    assert "都处理完了" in queue("grid_worker").content.decode()
    assert "没有找到" in queue("grid_worker", q="冰").content.decode()
