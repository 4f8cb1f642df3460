"""Working hours are edited while promises run: what was promised stays promised."""

from datetime import time, timedelta

from django.utils import timezone

from hazards.cases import cases
from hazards.cases.models.hazards import Hazard
from hazards.deadlines import working_time
from hazards.deadlines.deadlines import current_working_time
from hazards.deadlines.models import WorkingSpan
from tests.factories.hazards import into, report, standard

DUE = ("acknowledge_due_at", "secure_due_at", "fix_due_at")


def dues(hazard):
    return Hazard.objects.values_list(*DUE).get(pk=hazard.pk)


def test_new_hours_move_no_promise_and_hold_for_the_next(town):
    waiting = report(town.six, category="rubbish")
    hazard = into(report(town.six), "dispatched", town)
    before = dues(waiting), dues(hazard)
    WorkingSpan.objects.create(opens=time(10), closes=time(11))
    assert (dues(waiting), dues(hazard)) == before
    later = report(town.six, category="rubbish")
    assert later.acknowledge_due_at != waiting.acknowledge_due_at
    # A standstill gives back what was left, never less than the promise.
    tomorrow = timezone.localdate() + timedelta(days=1)
    held = cases.suspend(hazard, by=town.officer, reason="上冻", until=tomorrow)
    back = cases.resume(held, by=town.officer)
    assert back.fix_due_at >= before[1][2]
    # A correction counts anew, by the hours of today.
    moved = cases.restandard(back, by=town.grid_worker, reason="破了", standard_case=standard(2))
    limit = standard(2)
    hours = current_working_time()
    expected = working_time.due(moved.clock_started_at, limit.limit, limit.unit, hours)
    assert (hours.spans, moved.fix_due_at) == (((time(10), time(11)),), expected)
