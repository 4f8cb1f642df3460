"""Open or not, and until or from when: the week of 23 November 2026 begins on a Monday."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from stations.houses.models import Opening
from tests.factories.stations import OpeningHoursFactory

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
    assert "时间未填，先打电话问" in shown


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
    assert repr(Opening(False, None)) == "Opening(False, None)"
    assert repr(Opening(False, None, is_known=False)) == "Opening(False, None, is_known=False)"
    assert Opening(False, None) != Opening(False, None, is_known=False)


def test_a_station_that_never_closes_tells_no_closing_time(hours, client):
    station = hours(*((weekday, "00:00", "00:00") for weekday in range(7)))
    assert station.opening(at(25, 3)) == Opening(True, None)
    assert "开放中 · 全天" in client.get(station.get_absolute_url()).content.decode()
