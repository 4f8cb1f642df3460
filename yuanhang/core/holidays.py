"""Which days are off and which are made up for, as the State Council publishes them each year."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import Enum

import chinese_calendar

# Where holidays of a year that is not published yet may lie. The four that follow the sun or the
# civil year are moved by a few days; the others follow the moon: Spring Festival lies between 21
# January and 20 February and its days off around it, the Dragon Boat Festival between 28 May and 25
# June, Mid-Autumn between 8 September and 8 October.
MAY_BE_OFF = (
    ((12, 30), (12, 31)),
    ((1, 1), (1, 4)),
    ((1, 19), (2, 28)),
    ((4, 2), (4, 8)),
    ((4, 28), (5, 6)),
    ((5, 26), (6, 28)),
    ((9, 6), (10, 10)),
)


class Day(Enum):
    """What sort of day a date is for opening hours and working hours."""

    PLAIN, OFF, MADE_UP, UNKNOWN = range(4)


@dataclass(frozen=True)
class Holidays:
    """Days off, make-up workdays, and the years for which these lists are complete."""

    days_off: frozenset[date] = field(repr=False)
    make_up_days: frozenset[date] = field(repr=False)
    years: frozenset[int]

    @classmethod
    def published(cls) -> "Holidays":
        """What the State Council published, as the package chinesecalendar carries it.

        Its own is_workday() raises NotImplementedError outside its years, and finds them anew by
        walking its whole table at every call; so we read its tables once. A year counts as known
        when its National Day is listed: one stray New Year's Day does not make a year known.
        """
        days_off = frozenset(chinese_calendar.holidays)
        return cls(
            days_off=days_off,
            make_up_days=frozenset(chinese_calendar.workdays),
            years=frozenset(day.year for day in days_off if (day.month, day.day) == (10, 1)),
        )

    def kind_of(self, day: date) -> Day:
        """What a local day is; UNKNOWN where its year is not published and it may be a holiday.

        A holiday's neighbours at the weekend are made up for, so these may be unknown, too.
        """
        if day in self.make_up_days:
            return Day.MADE_UP
        if day in self.days_off:
            return Day.OFF
        if day.year in self.years:
            return Day.PLAIN
        here = (day.month, day.day)
        return Day.UNKNOWN if any(a <= here <= b for a, b in MAY_BE_OFF) else Day.PLAIN

    def missing_year(self, today: date) -> int | None:
        """The year whose holidays have to come soon: from December on the next one, or this one."""
        years = (today.year, today.year + 1) if today.month == 12 else (today.year,)
        return next((year for year in years if year not in self.years), None)

    def is_workday(self, day: date) -> bool:
        """Whether people work on this local day; Monday to Friday in years that nobody knows."""
        if day in self.make_up_days:
            return True
        return day.weekday() < 5 and day not in self.days_off

    def workday_after(self, day: date, count: int) -> date:
        """The last of so many workdays (工作日) after a local day, which itself does not count.

        Civil Code art. 201 and 203: the first day is left out, the last one counts to its end.
        """
        while count:
            day += timedelta(days=1)
            count -= self.is_workday(day)
        return day


CHINA = Holidays.published()


def nearest_workday(day: date) -> date:
    """The weekday next to a made-up Saturday or Sunday: its hours are worked that day."""
    return day + timedelta(days=1 if day.weekday() == 6 else -1)
