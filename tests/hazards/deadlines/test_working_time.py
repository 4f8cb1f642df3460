"""When deadlines fall due: workdays and hours, holidays, suspensions, and what the calendar knows.

2026 as published: Spring Festival off 15 to 23 February, make-up Saturdays 14 and 28 February;
National Day off 1 to 7 October, make-up days Sunday 20 September and Saturday 10 October.
"""

from dataclasses import FrozenInstanceError, replace
from datetime import UTC, date, datetime, time, timedelta

import chinese_calendar
import pytest

from hazards.deadlines.working_time import (
    CHINA,
    Holidays,
    WorkingTime,
    due,
    remaining,
    shift,
    used,
)
from tests.hazards.deadlines.working_time_help import CLOCK, DAYS, HOURS, OFFICE, TICK, at, hours

# --- the working hours ----------------------------------------------------------------------


def test_working_time_is_a_frozen_value_even_when_made_from_lists():
    given_as_lists = WorkingTime([[time(8, 30), time(11, 30)], [time(13, 30), time(17)]])
    assert given_as_lists == OFFICE
    assert hash(given_as_lists) == hash(OFFICE)
    with pytest.raises(FrozenInstanceError):
        OFFICE.spans = ()


@pytest.mark.parametrize(
    ("spans", "words"),
    [
        ([], "at least one span"),
        ([(time(17), time(8))], "must end after it starts: 17:00-08:00"),
        ([(time(8), time(8))], "must end after it starts"),
        ([(time(13), time(17)), (time(8), time(11))], "08:00-11:00 comes before 13:00-17:00"),
        ([(time(8), time(12)), (time(11), time(17))], "overlap: 08:00-12:00 and 11:00-17:00"),
        ([(time(8), time(12)), (time(8), time(12))], "overlap"),
        ([(time(8), time(12)), (time(12), time(17))], "touch, make them one"),
        ([(time(8), time(10)), (time(11), time(12)), (time(12), time(13))], "touch"),
        ([(time(8),)], "pair of times"),
        ([("08:00", "12:00")], "pair of times"),
        ([(time(8, tzinfo=UTC), time(9, tzinfo=UTC))], "carry no zone"),
    ],
)
def test_spans_that_make_no_working_day_are_refused(spans, words):
    with pytest.raises(ValueError, match=words):
        WorkingTime(spans)


# --- the calendar ---------------------------------------------------------------------------


def test_a_week_has_five_workdays():
    week = [date(2026, 3, 9) + timedelta(days=offset) for offset in range(7)]
    assert [OFFICE.is_workday(day) for day in week] == [True] * 5 + [False] * 2


def test_we_agree_with_the_package_on_every_day_it_knows():
    day, last = date(2004, 1, 1), date(OFFICE.last_known_year(), 12, 31)
    while day <= last:
        assert OFFICE.is_workday(day) == chinese_calendar.is_workday(day), day
        assert OFFICE.knows(day)
        day += timedelta(days=1)


def test_spring_festival_2026_is_as_published():
    february = [date(2026, 2, number) for number in range(1, 29)]
    off = {day.day for day in february if not OFFICE.is_workday(day)}
    assert off == {1, 7, 8, *range(15, 24)}  # 21 and 22 February among them; 14 and 28 worked


def test_national_day_2026_is_as_published():
    october = [date(2026, 10, number) for number in range(1, 12)]
    assert {day.day for day in october if OFFICE.is_workday(day)} == {8, 9, 10}
    assert OFFICE.is_workday(date(2026, 9, 20))


def test_the_package_ends_where_we_say_it_does():
    # When the package learns a new year, this still holds; nothing here names the year.
    beyond = date(OFFICE.last_known_year() + 1, 1, 1)
    assert OFFICE.last_known_year() >= 2026
    assert not OFFICE.knows(beyond)
    assert not OFFICE.knows(date(2003, 12, 31))
    with pytest.raises(NotImplementedError):
        chinese_calendar.is_workday(beyond)


def test_beyond_the_known_years_monday_to_friday_are_worked():
    # 1 October 2126 is a Tuesday: a holiday that nobody has published yet.
    assert OFFICE.is_workday(date(2126, 10, 1))
    assert not OFFICE.is_workday(date(2126, 10, 5))
    assert due(at("2126-09-30 09:00"), 1, DAYS, OFFICE) == at("2126-10-01 17:00")
    assert used(at("2126-10-01 08:30"), at("2126-10-01 09:30"), HOURS, OFFICE) == hours(1)


def test_a_stray_new_years_day_does_not_make_a_year_known(monkeypatch):
    stray = {date(2126, 1, 1): "New Year's Day"}
    monkeypatch.setattr(chinese_calendar, "holidays", chinese_calendar.holidays | stray)
    office = WorkingTime(holidays=Holidays.published())
    assert not office.is_workday(date(2126, 1, 1))
    assert not office.knows(date(2126, 1, 1))
    assert office.last_known_year() == OFFICE.last_known_year()


def test_holidays_can_be_replaced():
    closed = replace(CHINA, days_off=CHINA.days_off | {date(2026, 3, 10)})
    assert due(at("03-09 09:00"), 1, DAYS, WorkingTime(holidays=closed)) == at("03-11 17:00")


def test_a_moment_is_read_by_its_local_day():
    friday_evening = datetime(2026, 3, 13, 17, tzinfo=UTC)  # Saturday 01:00 in Daqing
    assert not OFFICE.is_workday(friday_evening)
    assert OFFICE.spans_on(friday_evening) == []
    assert not WorkingTime(holidays=replace(CHINA, years=frozenset({2025}))).knows(
        datetime(2025, 12, 31, 16, tzinfo=UTC)
    )


# --- due ------------------------------------------------------------------------------------


def test_clock_hours_run_through_the_night_the_weekend_and_the_festival():
    assert due(at("03-13 23:30"), 2, CLOCK, OFFICE) == at("03-14 01:30")
    assert due(at("02-14 20:00"), 48, CLOCK, OFFICE) == at("02-16 20:00")
    assert due(at("2026-12-31 23:00"), 1, CLOCK, OFFICE) == at("2027-01-01 00:00")


@pytest.mark.parametrize(
    ("start", "amount", "expected"),
    [
        ("03-09 09:00", 2, "03-09 11:00"),  # inside one span
        ("03-09 10:30", 2, "03-09 14:30"),  # across the lunch break
        ("03-09 08:30", 3, "03-09 11:30"),  # used up exactly as the span ends
        ("03-09 08:29", 3, "03-09 11:30"),  # before the day begins
        ("03-09 00:00", 3, "03-09 11:30"),  # midnight
        ("03-09 11:30", 1, "03-09 14:30"),  # at the end of a span
        ("03-09 12:00", 1, "03-09 14:30"),  # in the break
        ("03-09 13:30", 1, "03-09 14:30"),  # at the start of a span
        ("03-09 16:00", 4, "03-10 11:30"),  # into the next day
        ("03-09 17:00", 1, "03-10 09:30"),  # as the day ends
        ("03-13 16:00", 2, "03-16 09:30"),  # over a weekend
        ("03-14 10:00", 2, "03-16 10:30"),  # from a Saturday
        ("03-09 08:30", 13, "03-10 17:00"),  # two full days
        ("03-31 16:30", 1, "04-01 09:00"),  # month end
        ("2025-12-31 16:30", 1, "2026-01-04 09:00"),  # year end; Sunday 4 January is worked
        ("02-14 16:00", 2, "02-24 09:30"),  # make-up Saturday, then the whole festival
        ("02-27 16:00", 2, "02-28 09:30"),  # make-up Saturday after it
        ("09-30 16:00", 2, "10-08 09:30"),  # National Day
    ],
)
def test_working_hours_run_inside_the_spans_of_workdays(start, amount, expected):
    assert due(at(start), amount, HOURS, OFFICE) == at(expected)


def test_hours_may_be_given_as_a_timedelta():
    half = timedelta(minutes=30)
    assert due(at("03-09 11:15"), half, HOURS, OFFICE) == at("03-09 13:45")
    assert due(at("03-09 23:45"), half, CLOCK, OFFICE) == at("03-10 00:15")


def test_edited_hours_are_obeyed():
    evening = WorkingTime([(time(18), time(22))])
    assert due(at("03-09 21:00"), 2, HOURS, evening) == at("03-10 19:00")
    assert due(at("03-09 21:00"), 1, DAYS, evening) == at("03-10 22:00")


@pytest.mark.parametrize(
    ("start", "amount", "expected"),
    [
        ("03-09 09:00", 1, "03-10 17:00"),  # the day of the start does not count
        ("03-09 17:00", 1, "03-10 17:00"),
        ("03-09 23:59", 1, "03-10 17:00"),
        ("03-10 00:00", 1, "03-11 17:00"),  # midnight belongs to the day it begins
        ("03-13 09:00", 1, "03-16 17:00"),  # Friday, Friday evening, Saturday and Sunday alike
        ("03-14 09:00", 1, "03-16 17:00"),
        ("03-15 23:59", 1, "03-16 17:00"),
        ("03-09 09:00", 5, "03-16 17:00"),
        ("03-31 09:00", 1, "04-01 17:00"),  # month end
        ("2025-12-31 09:00", 1, "2026-01-04 17:00"),  # year end, on a make-up Sunday
        ("02-13 09:00", 1, "02-14 17:00"),  # onto the make-up Saturday
        ("02-13 09:00", 2, "02-24 17:00"),  # and over the festival
        ("02-18 09:00", 1, "02-24 17:00"),  # within it
        ("09-18 09:00", 1, "09-20 17:00"),  # onto the make-up Sunday
        ("09-30 09:00", 1, "10-08 17:00"),
        ("09-30 09:00", 4, "10-12 17:00"),
    ],
)
def test_workdays_count_from_the_day_after(start, amount, expected):
    assert due(at(start), amount, DAYS, OFFICE) == at(expected)


def test_workdays_count_on_beyond_the_calendar():
    # The calendar as it is today, so that an updated package does not break the test.
    days_off = frozenset(day for day in CHINA.days_off if day.year < 2027)
    office = WorkingTime(holidays=replace(CHINA, days_off=days_off, years=frozenset({2026})))
    new_year = due(at("2026-12-31 09:00"), 1, DAYS, office)
    assert new_year == at("2027-01-01 17:00")
    assert (office.knows(at("2026-12-31 09:00")), office.knows(new_year)) == (True, False)


# --- used and remaining ---------------------------------------------------------------------


def test_used_counts_only_what_the_unit_counts():
    friday, monday = at("03-13 16:00"), at("03-16 09:30")
    assert used(friday, monday, CLOCK, OFFICE) == hours(65.5)
    assert used(friday, monday, HOURS, OFFICE) == hours(2)
    assert used(friday, monday, DAYS, OFFICE) == 0
    assert used(friday, at("03-16 17:00"), DAYS, OFFICE) == 1
    assert used(friday, at("03-16 17:00") - TICK, DAYS, OFFICE) == 0


def test_nothing_counts_within_a_break_or_a_festival():
    assert used(at("03-09 11:30"), at("03-09 13:30"), HOURS, OFFICE) == hours(0)
    assert used(at("02-14 17:00"), at("02-24 08:30"), HOURS, OFFICE) == hours(0)
    assert used(at("02-14 08:30"), at("02-24 08:30"), DAYS, OFFICE) == 0


def test_the_festival_weeks_have_their_true_workdays():
    # 9-13, Saturday 14, 24-27, Saturday 28 February.
    assert used(at("02-08 12:00"), at("03-01 12:00"), DAYS, OFFICE) == 11
    assert used(at("02-08 12:00"), at("03-01 12:00"), HOURS, OFFICE) == 11 * hours(6.5)


def test_remaining_tells_what_is_left():
    monday = at("03-16 17:00")
    assert remaining(monday, at("03-13 16:00"), CLOCK, OFFICE) == hours(73)
    assert remaining(monday, at("03-13 16:00"), HOURS, OFFICE) == hours(7.5)
    assert remaining(monday, at("03-12 16:00"), DAYS, OFFICE) == 2
    assert remaining(monday, at("03-16 00:00"), DAYS, OFFICE) == 0


def test_nothing_remains_once_it_is_due():
    monday = at("03-16 17:00")
    for now in (monday, at("03-18 09:00")):
        assert remaining(monday, now, CLOCK, OFFICE) == timedelta()
        assert remaining(monday, now, HOURS, OFFICE) == timedelta()
        assert remaining(monday, now, DAYS, OFFICE) == 0


def test_a_later_closing_hour_does_not_lose_a_remaining_day():
    longer = WorkingTime([(time(8, 30), time(17, 30))])
    assert remaining(at("03-13 17:00"), at("03-11 10:00"), DAYS, longer) == 2


# --- suspensions ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("unit", "due_at", "stopped", "resumed", "expected"),
    [
        # Friday to Monday: 2 hours were left, at night too.
        (CLOCK, "03-13 18:00", "03-13 16:00", "03-16 09:00", "03-16 11:00"),
        # One working hour was left, and Monday's begin at 08:30.
        (HOURS, "03-13 17:00", "03-13 16:00", "03-15 12:00", "03-16 09:30"),
        (HOURS, "03-13 17:00", "03-13 16:00", "03-16 11:00", "03-16 14:00"),
        # Stopped and resumed while nobody works: nothing is lost.
        (HOURS, "03-16 09:30", "03-13 18:00", "03-15 12:00", "03-16 09:30"),
        # Two days were left, Friday and Monday; the day of resuming does not count.
        (DAYS, "03-16 17:00", "03-12 10:00", "03-17 10:00", "03-19 17:00"),
        (DAYS, "03-16 17:00", "03-12 10:00", "03-14 10:00", "03-17 17:00"),
        # Stopped on the last day: the rest of a day is left.
        (DAYS, "03-13 17:00", "03-13 10:00", "03-16 10:00", "03-16 17:00"),
        (DAYS, "03-13 17:00", "03-13 10:00", "03-16 17:00", "03-17 17:00"),
        (DAYS, "03-13 17:00", "03-13 10:00", "03-13 16:00", "03-13 17:00"),
        # Over the Spring Festival.
        (HOURS, "02-14 17:00", "02-14 16:00", "02-18 10:00", "02-24 09:30"),
        (DAYS, "02-24 17:00", "02-13 10:00", "02-16 10:00", "02-25 17:00"),
    ],
)
def test_what_was_left_is_granted_anew(unit, due_at, stopped, resumed, expected):
    moved = shift(at(due_at), at(stopped), at(resumed), unit, OFFICE)
    assert moved == at(expected)
