"""Open or not, and until or from when: the week of 23 November 2026 begins on a Monday."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from stations.houses.models import Closure, LongerHours, Station
from stations.houses.opening import Opening
from stations.houses.opening_words import told
from tests.factories.stations import OpeningHoursFactory
from yuanhang.core.holidays import CHINA

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY, TUESDAY, FRIDAY, SUNDAY = 0, 1, 4, 6


def at(day, hour, minute=0, second=0, month=11):
    return datetime(2026, month, day, hour, minute, second, tzinfo=SHANGHAI)


@pytest.fixture
def hours(town):
    """`hours((weekday, opens, closes), …)` sets the station's week and returns the station."""

    def set_hours(*rules):
        for weekday, opens, closes in rules:
            OpeningHoursFactory(
                station=town.station,
                weekday=weekday,
                opens=time.fromisoformat(opens),
                closes=time.fromisoformat(closes),
            )
        return town.station

    return set_hours


def test_without_hours_nothing_is_promised(hours):
    assert hours().opening(at(23, 12)) == Opening(False, None, is_known=False)


def test_unknown_hours_are_not_closed_hours(hours, client):
    station = hours()
    station.desk_phone = "0459-0000000"
    station.save()
    for address in ("/", station.get_absolute_url()):
        shown = client.get(address).content.decode()
        assert "时间未填" in shown
        assert "没开门" not in shown
        assert "is-closed" not in shown
        assert "不开" not in shown
    assert "先打电话问" in shown


def test_without_a_phone_nobody_is_sent_to_the_phone(hours, client):
    station = hours()
    station.desk_phone = ""
    station.save()
    assert "电话" not in client.get(station.get_absolute_url()).content.decode()


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (at(23, 7, 59, 59), Opening(False, at(23, 8))),
        (at(23, 8), Opening(True, at(23, 12))),
        (at(23, 11, 59, 59), Opening(True, at(23, 12))),
        (at(23, 12), Opening(False, at(23, 14))),
        (at(23, 13), Opening(False, at(23, 14))),
        (at(23, 14), Opening(True, at(23, 21))),
        (at(23, 21), Opening(False, at(24, 9))),
        (at(24, 0), Opening(False, at(24, 9))),
        (at(24, 17), Opening(False, at(30, 8))),
        (at(29, 23, 59), Opening(False, at(30, 8))),
    ],
)
def test_the_spans_of_a_day_and_the_next_day_that_opens(hours, now, expected):
    station = hours(
        (MONDAY, "08:00", "12:00"), (MONDAY, "14:00", "21:00"), (TUESDAY, "09:00", "17:00")
    )
    assert station.opening(now) == expected


def test_one_day_a_week_is_found_a_week_ahead(hours):
    station = hours((MONDAY, "08:00", "12:00"))
    assert station.opening(at(23, 12)) == Opening(False, at(30, 8))
    assert station.opening(at(23, 12, 1)) == Opening(False, at(30, 8))


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (at(27, 19), Opening(False, at(27, 20))),
        (at(27, 20), Opening(True, at(28, 2))),
        (at(27, 23, 59), Opening(True, at(28, 2))),
        (at(28, 0), Opening(True, at(28, 2))),
        (at(28, 1, 59), Opening(True, at(28, 2))),
        (at(28, 2), Opening(False, at(4, 20, month=12))),
    ],
)
def test_hours_that_run_past_midnight(hours, now, expected):
    assert hours((FRIDAY, "20:00", "02:00")).opening(now) == expected


def test_the_night_from_sunday_to_monday(hours):
    station = hours((SUNDAY, "20:00", "02:00"))
    assert station.opening(at(23, 1)) == Opening(True, at(23, 2))
    assert station.opening(at(30, 1)) == Opening(True, at(30, 2))


@pytest.mark.parametrize(
    "rules",
    [
        [(MONDAY, "08:00", "12:00"), (MONDAY, "12:00", "21:00")],
        [(MONDAY, "08:00", "15:00"), (MONDAY, "12:00", "21:00")],
        [(MONDAY, "08:00", "21:00"), (MONDAY, "12:00", "13:00")],
        [
            (MONDAY, "08:00", "09:00"),
            (MONDAY, "09:00", "10:00"),
            (MONDAY, "10:00", "21:00"),
        ],
    ],
)
def test_spans_that_touch_or_overlap_read_as_one(hours, rules):
    assert hours(*rules).opening(at(23, 8, 30)) == Opening(True, at(23, 21))


def test_midnight_joins_two_days(hours):
    station = hours((MONDAY, "08:00", "00:00"), (TUESDAY, "00:00", "02:00"))
    assert station.opening(at(23, 22)) == Opening(True, at(24, 2))
    assert station.opening(at(24, 1)) == Opening(True, at(24, 2))
    assert station.opening(at(24, 2)) == Opening(False, at(30, 8))


def test_the_same_time_twice_is_a_whole_day(hours):
    station = hours((MONDAY, "00:00", "00:00"))
    assert station.opening(at(23, 0)) == Opening(True, at(24, 0))
    assert station.opening(at(23, 23, 59)) == Opening(True, at(24, 0))
    assert station.opening(at(24, 0)) == Opening(False, at(30, 0))


def test_open_all_week_is_open_at_any_moment(hours):
    station = hours(*[(day, "00:00", "00:00") for day in range(7)])
    for now in (at(23, 0), at(25, 12), at(29, 23, 59, 59)):
        assert station.opening(now).is_open


def test_local_time_decides_whatever_the_servers_zone(hours):
    station = hours((MONDAY, "08:00", "12:00"))
    opening = station.opening(datetime(2026, 11, 23, 0, 30, tzinfo=UTC))
    assert opening == Opening(True, at(23, 12))
    assert not station.opening(datetime(2026, 11, 23, 8, 30, tzinfo=UTC)).is_open


def test_now_is_the_default(hours, monkeypatch):
    station = hours((MONDAY, "08:00", "12:00"))
    monkeypatch.setattr("django.utils.timezone.now", lambda: at(23, 9).astimezone(UTC))
    assert station.opening() == Opening(True, at(23, 12))


def test_two_answers_are_equal_when_they_say_the_same():
    assert Opening(True, at(23, 12)) == Opening(True, at(23, 12).astimezone(UTC))
    assert Opening(True, at(23, 12)) != Opening(False, at(23, 12))
    assert len({Opening(False, None), Opening(False, None)}) == 1
    assert Opening(False, None) != Opening(False, None, is_known=False)


def test_a_station_that_never_closes_tells_no_closing_time(hours, client):
    station = hours(*((weekday, "00:00", "00:00") for weekday in range(7)))
    assert station.opening(at(25, 3)) == Opening(True, None)
    assert "开放中 · 全天" in client.get(station.get_absolute_url()).content.decode()


# --- holidays ---------------------------------------------------------------------------------

EVERY_DAY = [(day, "07:00", "21:00") for day in range(7)]
SATURDAY, HOLIDAY = 5, 7


def on(year, month, day, hour=12):
    return datetime(year, month, day, hour, tzinfo=SHANGHAI)


@pytest.fixture
def on_holidays(hours):
    """`on_holidays("closed", *rules)` gives the station with this rule for holidays."""

    def make(rule, *rules):
        station = hours(*(rules or EVERY_DAY))
        station.on_holidays = rule
        station.save()
        return station

    return make


def test_a_holiday_follows_what_the_station_says_of_holidays(on_holidays):
    national_day = on(2026, 10, 1)
    assert on_holidays("usual").opening(national_day) == Opening(True, on(2026, 10, 1, 21))


def test_a_holiday_on_which_it_is_closed(on_holidays):
    # 1 to 7 October 2026 are off.
    assert on_holidays("closed").opening(on(2026, 10, 1)) == Opening(False, on(2026, 10, 8, 7))


def test_a_holiday_with_hours_of_its_own(on_holidays):
    station = on_holidays("own", *EVERY_DAY, (HOLIDAY, "10:00", "16:00"))
    assert station.opening(on(2026, 10, 1)) == Opening(True, on(2026, 10, 1, 16))
    assert station.opening(on(2026, 10, 1, 20)) == Opening(False, on(2026, 10, 2, 10))


def test_a_holiday_of_which_nobody_said_anything(on_holidays):
    found = on_holidays("").opening(on(2026, 10, 1))
    assert found == Opening(False, None, is_known=False, is_holiday_unknown=True)


def test_the_evening_before_such_a_holiday_names_no_hour(on_holidays):
    found = on_holidays("").opening(on(2026, 9, 30, 22))
    assert found == Opening(False, None, is_holiday_unknown=True)


def test_a_night_belongs_to_the_evening_it_began_on(on_holidays):
    """Sunday is off, and closed: at one in the morning Saturday's night still lasts."""
    # Sunday, 4 October 2026; the Saturday is off as well, and has hours of its own.
    station = on_holidays("own", (HOLIDAY, "18:00", "02:00"))
    assert station.opening(on(2026, 10, 8, 1)) == Opening(True, on(2026, 10, 8, 2))
    closed = on_holidays("closed", (SATURDAY, "18:00", "02:00"))
    # 31 January 2026 is a plain Saturday.
    assert closed.opening(on(2026, 2, 1, 1)).is_open


def test_a_made_up_sunday_has_mondays_hours(on_holidays):
    # 20 September 2026, a Sunday, is worked for National Day.
    rules = [(day, "07:00", "21:00") for day in range(5)]
    station = on_holidays("closed", *rules)
    assert station.opening(on(2026, 9, 20)) == Opening(True, on(2026, 9, 20, 21))
    assert not station.opening(on(2026, 9, 13)).is_open


def test_a_year_that_is_not_published_yet(on_holidays):
    """Never the plain weekday's hours."""
    later = max(CHINA.years) + 1
    station = on_holidays("closed")
    unknown = Opening(False, None, is_known=False, is_holiday_unknown=True)
    assert station.opening(on(later, 10, 1)) == unknown
    assert station.opening(on(later, 7, 14)).is_open
    station.on_holidays = "usual"
    assert station.opening(on(later, 10, 1)).is_open


# --- closures and longer hours -----------------------------------------------------------------


def close(station, start, end, reason="停电检修"):
    Closure.objects.create(station=station, starts_at=start, ends_at=end, reason=reason)


def longer(station, start, end, reason="今天极寒"):
    LongerHours.objects.create(station=station, starts_at=start, ends_at=end, reason=reason)


def test_a_closure_of_many_days_names_the_day_behind_it(hours):
    station = hours(*EVERY_DAY)
    close(station, on(2026, 12, 5, 0), on(2026, 12, 14, 0))
    for day in (5, 8, 13):
        found = station.opening(on(2026, 12, day))
        assert found == Opening(False, on(2026, 12, 14, 7), reason="停电检修")


def test_a_closure_of_months_names_the_day_behind_it(hours):
    station = hours(*EVERY_DAY)
    close(station, on(2026, 6, 1, 0), on(2026, 9, 1, 0))
    assert station.opening(on(2026, 6, 2)).moment == on(2026, 9, 1, 7)


def test_a_closure_without_an_end_names_nothing(hours):
    station = hours(*EVERY_DAY)
    close(station, on(2026, 12, 5, 0), None)
    assert station.opening(on(2026, 12, 6)) == Opening(False, None, reason="停电检修")


def test_round_the_clock_until_a_closure(hours):
    station = hours(*[(day, "00:00", "00:00") for day in range(7)])
    close(station, at(24, 8), at(24, 18))
    assert station.opening(at(23, 12)) == Opening(True, at(24, 8))
    assert station.opening(at(24, 12)) == Opening(False, at(24, 18), reason="停电检修")
    assert station.opening(at(24, 18)) == Opening(True, None)


def test_two_closures_that_touch_are_one(hours):
    station = hours(*EVERY_DAY)
    close(station, at(23, 8), at(24, 12))
    close(station, at(24, 12), at(25, 9), reason="搬家")
    assert station.opening(at(23, 12)) == Opening(False, at(25, 9), reason="停电检修")


def test_a_closure_at_noon_leaves_both_ends_of_the_day(hours):
    station = hours(*EVERY_DAY)
    close(station, at(23, 11), at(23, 13))
    assert station.opening(at(23, 8)) == Opening(True, at(23, 11))
    assert station.opening(at(23, 14)) == Opening(True, at(23, 21))


def test_a_night_of_extreme_cold_is_longer(hours):
    station = hours(*EVERY_DAY)
    longer(station, at(23, 20), at(24, 0))
    assert station.opening(at(23, 19)) == Opening(True, at(24, 0))
    assert station.opening(at(23, 22)) == Opening(True, at(24, 0), reason="今天极寒")
    assert station.opening(at(24, 0)) == Opening(False, at(24, 7))


def test_a_closure_is_stronger_than_longer_hours(hours):
    station = hours(*EVERY_DAY)
    longer(station, at(23, 20), at(24, 0))
    close(station, at(23, 22), at(24, 12))
    assert station.opening(at(23, 21, 30)) == Opening(True, at(23, 22), reason="今天极寒")
    assert not station.opening(at(23, 23)).is_open


def test_longer_hours_are_known_where_nothing_else_is(hours):
    station = hours()
    longer(station, at(23, 8), at(23, 20))
    assert station.opening(at(23, 12)) == Opening(True, at(23, 20), reason="今天极寒")
    assert not station.opening(at(23, 21)).is_known


def test_what_is_over_is_not_read(hours, django_assert_num_queries):
    station = hours(*EVERY_DAY)
    for month in range(1, 9):
        close(station, on(2026, month, 1), on(2026, month, 2))
    with django_assert_num_queries(4):
        (found,) = Station.objects.filter(pk=station.pk).with_opening()
        found.opening()
    assert list(found.closures.all()) == []


# --- in words -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        # Closed now is said as closed, whatever nobody knows of the days behind it.
        (
            Opening(False, None, is_holiday_unknown=True),
            ("closed", "没开门", "关门了。放假那几天时间未定。先打电话问"),
        ),
        (
            Opening(False, None, reason="停水", is_holiday_unknown=True),
            ("closed", "暂时关闭", "关门了，停水。放假那几天时间未定。先打电话问"),
        ),
        (
            Opening(False, None, is_known=False, is_holiday_unknown=True),
            ("unknown", "节假日时间未定", "先打电话问"),
        ),
        (Opening(False, None, is_known=False), ("unknown", "时间未填", "先打电话问")),
    ],
)
def test_what_is_said_where_no_hour_is_known(found, expected):
    assert told(found, has_phone=True) == expected
    assert "电话" not in "".join(told(found, has_phone=False))


def test_a_closure_without_an_end_says_nothing_of_holidays(on_holidays):
    station = on_holidays("")
    close(station, on(2026, 9, 28, 0), None)
    found = station.opening(on(2026, 9, 29))
    assert found == Opening(False, None, reason="停电检修")
