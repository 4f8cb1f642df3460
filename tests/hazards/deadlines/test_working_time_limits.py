"""Working time: deadlines by urgency, what is refused, and properties that always hold."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hazards.catalogue.models import Urgency
from hazards.deadlines import working_time
from hazards.deadlines.working_time import (
    SHANGHAI,
    WorkingTime,
    due,
    remaining,
    shift,
    used,
)
from tests.hazards.deadlines.working_time_help import CLOCK, DAYS, HOURS, OFFICE, TICK, at, hours

# Across the last known year and beyond it, to the microsecond; in any zone.
MOMENTS = st.datetimes(
    min_value=datetime(2025, 9, 1),
    max_value=datetime(2027, 3, 1),
    timezones=st.sampled_from([SHANGHAI, UTC, ZoneInfo("America/New_York")]),
)
LEAPS = st.timedeltas(min_value=timedelta(), max_value=timedelta(days=40))
AMOUNTS = st.integers(min_value=1, max_value=30)
UNITS = st.sampled_from([CLOCK, HOURS, DAYS])
UNHURRIED = settings(deadline=None)  # a busy machine is no failure


@st.composite
def working_times(draw):
    """One to three spans, at odd minutes, one of them perhaps from midnight."""
    count = draw(st.integers(min_value=1, max_value=3))
    minutes = st.integers(min_value=0, max_value=24 * 60 - 1)
    edges = sorted(draw(st.sets(minutes, min_size=2 * count, max_size=2 * count)))
    edges = [time(*divmod(minute, 60)) for minute in edges]
    return WorkingTime(list(zip(edges[::2], edges[1::2], strict=True)))


@pytest.mark.parametrize("unit", [CLOCK, HOURS, DAYS])
def test_a_missed_deadline_is_not_mended_by_a_suspension(unit):
    friday = at("03-13 17:00")
    assert shift(friday, at("03-16 09:00"), at("03-18 09:00"), unit, OFFICE) == friday
    assert shift(friday, friday, at("03-18 09:00"), unit, OFFICE) == friday


def test_a_due_moment_set_by_hand_on_a_day_off_is_never_brought_forward():
    sunday = at("03-15 12:00")
    assert shift(sunday, at("03-14 10:00"), at("03-14 11:00"), HOURS, OFFICE) == sunday
    assert shift(sunday, at("03-13 10:00"), at("03-13 11:00"), DAYS, OFFICE) == sunday


@pytest.mark.parametrize("unit", [CLOCK, HOURS, DAYS])
def test_time_does_not_run_backwards(unit):
    later, earlier = at("03-12 10:00"), at("03-12 09:59")
    with pytest.raises(ValueError, match="before it stopped"):
        shift(at("03-13 17:00"), later, earlier, unit, OFFICE)
    with pytest.raises(ValueError, match="lies before the start"):
        used(later, earlier, unit, OFFICE)


def test_resume_grants_what_a_stopped_clock_kept():
    assert working_time.resume(at("03-16 12:00"), hours(1), HOURS, OFFICE) == at("03-16 14:30")
    assert working_time.resume(at("03-16 12:00"), timedelta(), HOURS, OFFICE) == at("03-16 12:00")
    assert working_time.resume(at("03-16 12:00"), 2, DAYS, OFFICE) == at("03-18 17:00")
    assert working_time.resume(at("03-14 12:00"), 0, DAYS, OFFICE) == at("03-16 17:00")
    for left, unit in ((-1, DAYS), (-TICK, HOURS)):
        with pytest.raises(ValueError, match="cannot be negative"):
            working_time.resume(at("03-16 12:00"), left, unit, OFFICE)


# --- deadlines by urgency --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("urgency", "acknowledged", "secured"),
    [
        (Urgency.URGENT, "02-13 23:15", "02-14 00:45"),
        (Urgency.SOON, "02-14 22:45", "02-14 06:45"),
        (Urgency.NORMAL, "02-25 17:00", "02-14 17:00"),
        (Urgency.HARD, "03-02 17:00", "02-14 17:00"),
    ],
)
def test_deadlines_by_urgency_from_the_friday_before_the_festival(urgency, acknowledged, secured):
    friday_night = at("02-13 22:45")
    assert working_time.acknowledge_by(friday_night, urgency, OFFICE) == at(acknowledged)
    assert working_time.secure_by(friday_night, urgency, OFFICE) == at(secured)
    # The database hands out plain numbers.
    assert working_time.acknowledge_by(friday_night, int(urgency), OFFICE) == at(acknowledged)


def test_every_urgency_has_both_deadlines():
    assert set(working_time.ACKNOWLEDGE) == set(working_time.SECURE) == set(Urgency)


# --- what is refused ------------------------------------------------------------------------

AWARE = at("03-09 09:00")
NAIVE = AWARE.replace(tzinfo=None)


@pytest.mark.parametrize("unit", [CLOCK, HOURS, DAYS])
@pytest.mark.parametrize(
    ("function", "moments", "rest"),
    [
        (due, 1, [1]),
        (used, 2, []),
        (remaining, 2, []),
        (working_time.resume, 1, [1]),
        (shift, 3, []),
    ],
)
def test_naive_moments_are_refused_in_every_place(function, moments, rest, unit):
    for place in range(moments):
        given_moments = [NAIVE if place == index else AWARE for index in range(moments)]
        with pytest.raises(ValueError, match="needs a time zone"):
            function(*given_moments, *rest, unit, OFFICE)


def test_a_naive_moment_has_no_day():
    with pytest.raises(ValueError, match="needs a time zone"):
        OFFICE.is_workday(NAIVE)


@pytest.mark.parametrize("unit", [CLOCK, HOURS, DAYS])
def test_amounts_must_be_positive(unit):
    for amount in (0, -1) if unit == DAYS else (0, -1, -TICK, timedelta()):
        with pytest.raises(ValueError, match="must be positive"):
            due(AWARE, amount, unit, OFFICE)


@pytest.mark.parametrize(
    ("amount", "unit"),
    [(1.5, HOURS), (0.5, DAYS), (True, CLOCK), ("2", HOURS), (None, DAYS), (hours(24), DAYS)],
)
def test_amounts_are_whole_numbers_or_spans_of_hours(amount, unit):
    with pytest.raises(ValueError, match="Not an amount"):
        due(AWARE, amount, unit, OFFICE)


def test_unknown_units_and_urgencies_are_refused():
    with pytest.raises(ValueError, match="not a valid StandardCase.Unit"):
        due(AWARE, 1, "fortnights", OFFICE)
    for deadline in (working_time.acknowledge_by, working_time.secure_by):
        with pytest.raises(ValueError, match="not a valid Urgency"):
            deadline(AWARE, 5, OFFICE)


def test_units_may_come_as_the_database_stores_them():
    assert due(AWARE, 1, "work_days", OFFICE) == due(AWARE, 1, DAYS, OFFICE)
    assert working_time.measure(3, "work_days") == 3
    assert working_time.measure(3, "work_hours") == hours(3)


@pytest.mark.parametrize("zone", ["America/New_York", "UTC", "Pacific/Kiritimati"])
@pytest.mark.parametrize("unit", [CLOCK, HOURS, DAYS])
def test_the_zone_of_the_server_or_the_visitor_does_not_matter(zone, unit):
    start = at("03-07 23:30")  # New York changes its clocks this night
    with timezone.override(zone):
        abroad = due(start.astimezone(ZoneInfo(zone)), 5, unit, OFFICE)
        counted = used(start.astimezone(UTC), abroad, unit, OFFICE)
    assert abroad == due(start, 5, unit, OFFICE)
    assert abroad.tzinfo is SHANGHAI
    assert counted == working_time.measure(5, unit)


def test_a_utc_evening_is_the_next_day_in_daqing():
    # 16:30 UTC on Thursday is 00:30 on Friday: one workday ends on Monday, not on Friday.
    assert due(datetime(2026, 3, 12, 16, 30, tzinfo=UTC), 1, DAYS, OFFICE) == at("03-16 17:00")


# --- properties -----------------------------------------------------------------------------


@UNHURRIED
@given(MOMENTS, AMOUNTS, UNITS, working_times())
@example(at("02-14 17:00"), 1, DAYS, OFFICE)
@example(at("03-13 17:00"), 7, HOURS, OFFICE)
def test_due_is_the_first_moment_by_which_the_amount_is_used(start, amount, unit, office):
    until = due(start, amount, unit, office)
    assert until.tzinfo is SHANGHAI
    assert used(start, until, unit, office) == working_time.measure(amount, unit)
    assert used(start, until - TICK, unit, office) < working_time.measure(amount, unit)
    assert remaining(until, start, unit, office) == working_time.measure(amount, unit)


@UNHURRIED
@given(MOMENTS, LEAPS, UNITS, working_times())
def test_what_was_used_by_a_moment_was_due_by_then(start, leap, unit, office):
    end = start.astimezone(UTC) + leap
    spent = used(start, end, unit, office)
    if spent:
        assert due(start, spent, unit, office) <= end
    assert end < due(start, spent + working_time.measure(1, unit), unit, office)


@UNHURRIED
@given(MOMENTS, LEAPS, AMOUNTS, UNITS, working_times())
def test_a_later_start_is_never_due_earlier(start, leap, amount, unit, office):
    later = start.astimezone(UTC) + leap
    assert due(start, amount, unit, office) <= due(later, amount, unit, office)


@UNHURRIED
@given(MOMENTS, LEAPS, LEAPS, st.sampled_from([CLOCK, HOURS]), working_times())
def test_hours_add_up_over_any_cut(start, first, second, unit, office):
    cut = start.astimezone(UTC) + first
    end = cut + second
    parts = used(start, cut, unit, office) + used(cut, end, unit, office)
    assert used(start, end, unit, office) == parts


@UNHURRIED
@given(MOMENTS, AMOUNTS, UNITS, LEAPS, LEAPS, working_times())
def test_a_suspension_never_shortens_and_an_empty_one_changes_nothing(
    start, amount, unit, running, stopped_for, office
):
    until = due(start, amount, unit, office)
    stopped = start.astimezone(UTC) + running
    resumed = stopped + stopped_for
    moved = shift(until, stopped, resumed, unit, office)
    assert shift(until, stopped, stopped, unit, office) == until
    assert moved >= until
    if stopped < until:
        assert moved >= resumed
        left = remaining(until, stopped, unit, office)
        assert remaining(moved, resumed, unit, office) == left or (unit, left) == (DAYS, 0)
