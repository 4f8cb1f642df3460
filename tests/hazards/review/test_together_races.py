"""Two people with the same cases ticked: each case goes through once, and both hear of each."""

import pytest
from django.db import connection

from hazards.review import together
from tests.factories.hazards import report, standard
from tests.threads import meet, without_row_locks
from tests.threads import together as both_at_once
from yuanhang.core import locked_transitions
from yuanhang.core.models import AuditEvent


@pytest.fixture(scope="module", autouse=True)
def _rows_for_whoever_comes_next(django_db_setup, django_db_blocker):
    """These tests empty all tables behind them; put the migrations' rows back at the end."""
    yield
    with django_db_blocker.unblock():
        connection.creation.deserialize_db_from_string(connection._test_serialized_contents)


pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def press(town, rows):
    """Accept them all; the answers."""
    return together.carry_out(
        "accept",
        rows,
        by=town.grid_worker,
        arguments=lambda case: {"standard_case": standard(), "urgency": case.urgency},
    )


def accepted(rows):
    """How often each was accepted, by the trail."""
    events = AuditEvent.objects.filter(kind="hazards.accept")
    return sorted(events.filter(target_id=str(row.pk)).count() for row in rows)


def test_each_case_goes_through_once_whatever_the_order(town):
    rows = [report(town.six) for _n in range(4)]
    # In opposite orders: every case has its own transaction, so nobody holds what another wants.
    found = both_at_once(lambda: press(town, rows), lambda: press(town, rows[::-1]))
    answers = [answer for one in found for answer in one]
    assert accepted(rows) == [1, 1, 1, 1]
    assert len([answer for answer in answers if answer.is_done]) == 4
    refused = {answer.words for answer in answers if not answer.is_done}
    assert refused == {"已被他人处理，现在是「已受理」。"}


def test_without_the_lock_both_would(town, monkeypatch):
    row = report(town.six)
    without_row_locks(monkeypatch)
    meet_at_check(monkeypatch)
    both_at_once(lambda: press(town, [row]), lambda: press(town, [row]))
    assert accepted([row]) == [2]


def meet_at_check(monkeypatch):
    """Both read the state before either writes it."""
    meet(monkeypatch, locked_transitions, "check")
