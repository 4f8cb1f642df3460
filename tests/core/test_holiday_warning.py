"""Staff hear in time that a year's holidays are not known; nobody's days are invented."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from yuanhang.core.holidays import CHINA, Holidays
from yuanhang.desk import admin_site

KNOWN = Holidays(frozenset(), frozenset(), frozenset({2025, 2026}))


@pytest.mark.parametrize(
    ("day", "missing"),
    [
        (date(2026, 11, 30), None),
        (date(2026, 12, 1), 2027),
        (date(2025, 12, 31), None),
        (date(2027, 1, 1), 2027),
        (date(2027, 12, 5), 2027),
    ],
)
def test_from_december_on_the_next_year_is_asked_for(day, missing):
    assert KNOWN.missing_year(day) == missing


def test_staff_read_it_on_the_admins_front_page(town, visit, monkeypatch):
    def at(year, month):
        moment = datetime(year, month, 1, 12, tzinfo=ZoneInfo("Asia/Shanghai"))
        monkeypatch.setattr(timezone, "now", lambda: moment)
        return "放假的日子这个系统还不知道" in visit(town.staff).get("/admin/").content.decode()

    monkeypatch.setattr(admin_site, "CHINA", KNOWN)
    assert not at(2026, 11)
    assert at(2026, 12)


def test_workdays_are_counted_over_weekends_and_holidays():
    # Before the seven days off of October 2026, with a made-up Saturday after them.
    assert CHINA.workday_after(date(2026, 9, 30), 3) == date(2026, 10, 10)
    assert CHINA.workday_after(date(2026, 11, 27), 1) == date(2026, 11, 30)
