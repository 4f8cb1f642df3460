"""When a deadline falls: three units, counted in Daqing's local time.

Pure functions: no database, and no "now" of their own. Every moment given must be aware, in any
zone; every moment returned is aware and in SHANGHAI, whatever zone the server or the visitor uses.

Amounts are whole numbers of the unit, as StandardCase.limit holds them; for the two units of hours
a timedelta is welcome too (30 minutes). `measure` turns both into what `used` and `remaining`
return, a timedelta or a count of days, so that they can be compared.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from hazards.catalogue.models import StandardCase, Urgency
from yuanhang.core.holidays import CHINA, Holidays

SHANGHAI = ZoneInfo("Asia/Shanghai")
DEFAULT_SPANS = ((time(8, 30), time(11, 30)), (time(13, 30), time(17, 0)))
Unit = StandardCase.Unit
ONE_DAY = timedelta(days=1)
Span = tuple[time, time]


# --- which days are worked ------------------------------------------------------------------


@dataclass(frozen=True)
class WorkingTime:
    """The working hours of a day, local time in Asia/Shanghai, and the days that are worked.

    Spans are (from, to) pairs in the order of the day, with a break between any two. The hours
    are the station's to edit; the days follow the State Council's yearly notice.
    """

    spans: tuple[Span, ...] = DEFAULT_SPANS
    holidays: Holidays = CHINA

    def __post_init__(self) -> None:
        # Lists are what forms and JSON give; tuples keep the frozen object hashable.
        spans = [tuple(span) for span in self.spans]
        _check_spans(spans)
        object.__setattr__(self, "spans", tuple(spans))

    def is_workday(self, day: date) -> bool:
        """Whether people work on this local day; Monday to Friday in years that nobody knows."""
        return self.holidays.is_workday(_day(day))

    def knows(self, day: date) -> bool:
        """Whether the holidays of this day's year are known; if not, warn the staff.

        Even in a known year the last days of December are not quite settled: the notice for the
        next year may still move them (31 December 2022 became a day off that way).
        """
        return _day(day).year in self.holidays.years

    def last_known_year(self) -> int:
        """The last year whose holidays are known."""
        return max(self.holidays.years)

    def spans_on(self, day: date) -> list[tuple[datetime, datetime]]:
        """The working spans of this local day as aware moments; none on a day off."""
        if not self.is_workday(day):
            return []
        day = _day(day)
        return [(_at(day, opens), _at(day, closes)) for opens, closes in self.spans]

    def closes_on(self, day: date) -> datetime:
        """The moment when the last span of this local day ends, were it a workday."""
        return _at(_day(day), self.spans[-1][1])


def _check_spans(spans: Sequence[tuple[time, ...]]) -> None:
    """Refuse spans that would count an hour twice, backwards or never."""
    if not spans:
        raise ValueError("Working hours need at least one span.")
    for span in spans:
        if len(span) != 2 or not all(isinstance(edge, time) for edge in span):
            raise ValueError(f"A span is a pair of times, from and to: {span!r}.")
        if any(edge.tzinfo for edge in span):
            raise ValueError(f"Working hours are local times and carry no zone: {_words(span)}.")
        if span[0] >= span[1]:
            raise ValueError(f"A span must end after it starts: {_words(span)}.")
    for earlier, later in zip(spans, spans[1:], strict=False):
        if later[1] <= earlier[0]:
            raise ValueError(
                f"Spans must follow the day: {_words(later)} comes before {_words(earlier)}."
            )
        if later[0] < earlier[1]:
            raise ValueError(f"Spans overlap: {_words(earlier)} and {_words(later)}.")
        if later[0] == earlier[1]:
            raise ValueError(f"Spans touch, make them one: {_words(earlier)} and {_words(later)}.")


def _words(span: tuple[time, ...]) -> str:
    return f"{span[0]:%H:%M}-{span[1]:%H:%M}"


# --- the three clocks -----------------------------------------------------------------------


def due(start: datetime, amount: int | timedelta, unit: str, working_time: WorkingTime) -> datetime:
    """The first moment at which this amount, counted from start, is used up; in Shanghai time.

    紧急工作时 CLOCK_HOURS run day and night.
    工作时 WORK_HOURS run inside the working spans of workdays only; a make-up Saturday counts, a
    public holiday does not. A limit that runs out as a span ends is due then, not next morning.
    工作日 WORK_DAYS count from the day after (受理次日起算; Civil Code art. 201: the first day
    does not count): whatever the hour of the start, and whether or not that day is worked, the
    next workday is day one. Due when the last span of the last day ends (art. 203). So one
    workday from Friday 09:00, from Friday 22:00 and from Sunday all end on Monday at 17:00.
    """
    return _grant(_local(start), measure(amount, unit), Unit(unit), working_time)


def used(start: datetime, end: datetime, unit: str, working_time: WorkingTime) -> int | timedelta:
    """How much of the unit has passed from start to end: the counterpart of `due`.

    A timedelta of counted time for the hours; for WORK_DAYS the number of workdays after the
    start day whose last span has ended.
    """
    start, end, unit = _local(start), _local(end), Unit(unit)
    if end < start:
        raise ValueError(f"The end {end} lies before the start {start}.")
    if unit == Unit.CLOCK_HOURS:
        return end - start
    if unit == Unit.WORK_HOURS:
        return _worked(start, end, working_time)
    last = end.date() if end >= working_time.closes_on(end) else end.date() - ONE_DAY
    return _workdays(start.date(), last, working_time)


def remaining(
    due_at: datetime, now: datetime, unit: str, working_time: WorkingTime
) -> int | timedelta:
    """What is left at `now` until due_at: a timedelta for the hours, a number for WORK_DAYS.

    For WORK_DAYS it is the workdays after today, so 0 means "by the end of today"; whether the
    deadline is already broken is for `now >= due_at` to say. Nothing is left after due_at.
    """
    due_at, now, unit = _local(due_at), _local(now), Unit(unit)
    if now >= due_at:
        return 0 if unit == Unit.WORK_DAYS else timedelta()
    if unit == Unit.WORK_DAYS:
        # By date, not by hour: a day does not get lost when the closing hour is edited later on.
        return _workdays(now.date(), due_at.date(), working_time)
    return used(now, due_at, unit, working_time)


def resume(
    resumed_at: datetime, left: int | timedelta, unit: str, working_time: WorkingTime
) -> datetime:
    """The due moment, in Shanghai time, of a clock that stopped in time with `left` to go.

    As `due`, but nothing may be left: 0 workdays last until the end of the day of resuming, or of
    the next workday if that one is over or not worked; 0 hours end at once.
    """
    left = _typed(left, unit)
    if _plain(left) < 0:
        raise ValueError(f"What is left cannot be negative: {left}.")
    return _grant(_local(resumed_at), left, Unit(unit), working_time)


def shift(
    due_at: datetime,
    stopped_at: datetime,
    resumed_at: datetime,
    unit: str,
    working_time: WorkingTime,
) -> datetime:
    """The new due moment after a suspension, in Shanghai time.

    What was left when the clock stopped is granted anew from the moment it resumes; for WORK_DAYS
    the day of resuming does not count, as the day of the start does not. A suspension never brings
    the due moment forward, and cannot mend a deadline that had passed when it began.
    """
    due_at, stopped_at, resumed_at = _local(due_at), _local(stopped_at), _local(resumed_at)
    if resumed_at < stopped_at:
        raise ValueError(f"Resumed at {resumed_at}, before it stopped at {stopped_at}.")
    left = remaining(due_at, stopped_at, unit, working_time)
    if stopped_at >= due_at:
        return due_at
    return max(due_at, resume(resumed_at, left, unit, working_time))


def measure(amount: int | timedelta, unit: str) -> int | timedelta:
    """An amount as `used` and `remaining` measure it: a timedelta, or a number of workdays."""
    measured = _typed(amount, unit)
    if _plain(measured) <= 0:
        raise ValueError(f"The amount must be positive: {amount}.")
    return measured


def _plain(amount: int | timedelta) -> float:
    """An amount as a number, to be compared with 0."""
    return amount.total_seconds() if isinstance(amount, timedelta) else amount


def _typed(amount: int | timedelta, unit: str) -> int | timedelta:
    if Unit(unit) != Unit.WORK_DAYS and isinstance(amount, timedelta):
        return amount
    # Half a workday has no end of day, and a float of hours no exact end.
    if not isinstance(amount, int) or isinstance(amount, bool):
        raise ValueError(f"Not an amount of {Unit(unit).value}: {amount!r}.")
    return amount if Unit(unit) == Unit.WORK_DAYS else timedelta(hours=amount)


def _grant(
    start: datetime, left: int | timedelta, unit: str, working_time: WorkingTime
) -> datetime:
    """The moment at which what is left, counted from start, is used up."""
    if isinstance(left, timedelta):
        if unit == Unit.WORK_HOURS:
            return _after_work(start, left, working_time)
        return start + left  # exact: the clocks of Shanghai have not been changed since 1991
    if left == 0:
        return _next_close(start, working_time)
    day = start.date()
    while left:
        day += ONE_DAY
        left -= working_time.is_workday(day)
    return working_time.closes_on(day)


def _after_work(start: datetime, left: timedelta, working_time: WorkingTime) -> datetime:
    """The moment by which `left` of working time has passed since start."""
    if not left:
        return start
    day = start.date()
    while True:
        for opens, closes in working_time.spans_on(day):
            begins = max(opens, start)
            if begins + left <= closes:
                return begins + left
            left -= max(closes - begins, timedelta())
        day += ONE_DAY


def _next_close(start: datetime, working_time: WorkingTime) -> datetime:
    """The end of the first workday that is not over yet."""
    day = start.date()
    while not working_time.is_workday(day) or working_time.closes_on(day) <= start:
        day += ONE_DAY
    return working_time.closes_on(day)


def _worked(start: datetime, end: datetime, working_time: WorkingTime) -> timedelta:
    """The working time between two moments."""
    total, day = timedelta(), start.date()
    while day <= end.date():
        for opens, closes in working_time.spans_on(day):
            total += max(min(closes, end) - max(opens, start), timedelta())
        day += ONE_DAY
    return total


def _workdays(first: date, last: date, working_time: WorkingTime) -> int:
    """The number of workdays after the first day, up to and including the last."""
    days = range(1, (last - first).days + 1)
    return sum(working_time.is_workday(first + offset * ONE_DAY) for offset in days)


def _at(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, tzinfo=SHANGHAI)


def _local(moment: datetime) -> datetime:
    """The moment in Shanghai time; a naive one is refused, for we would have to guess its zone."""
    if moment.utcoffset() is None:
        raise ValueError(f"A moment needs a time zone: {moment!r}.")
    return moment.astimezone(SHANGHAI)


def _day(day: date) -> date:
    """A date, or the local date of a moment: a UTC evening is already tomorrow in Daqing."""
    return _local(day).date() if isinstance(day, datetime) else day


# --- what we promise by urgency -------------------------------------------------------------


class Promise(NamedTuple):
    """An amount (see the module's docstring) of a unit."""

    amount: int | timedelta
    unit: StandardCase.Unit


# How soon somebody acknowledges a report: customary in city management (数字城管), where 疑难 has
# 5 to 7 workdays; we promise the 7. No standard binds the station to them.
ACKNOWLEDGE = {
    Urgency.URGENT: Promise(timedelta(minutes=30), Unit.CLOCK_HOURS),
    Urgency.SOON: Promise(24, Unit.CLOCK_HOURS),
    Urgency.NORMAL: Promise(3, Unit.WORK_DAYS),
    Urgency.HARD: Promise(7, Unit.WORK_DAYS),
}

# How soon the place is made safe (围护/警示). No standard gives these: they are our own defaults,
# to be edited as the station learns what it can keep.
SECURE = {
    Urgency.URGENT: Promise(2, Unit.CLOCK_HOURS),
    Urgency.SOON: Promise(8, Unit.CLOCK_HOURS),
    Urgency.NORMAL: Promise(1, Unit.WORK_DAYS),
    Urgency.HARD: Promise(1, Unit.WORK_DAYS),
}

# How soon somebody is in touch with a person a report is about, and how soon an agreement gets
# its answer: one promise each, our own defaults as well.
CONTACT = {
    Urgency.URGENT: Promise(1, Unit.CLOCK_HOURS),
    Urgency.SOON: Promise(4, Unit.CLOCK_HOURS),
    Urgency.NORMAL: Promise(1, Unit.WORK_DAYS),
    Urgency.HARD: Promise(2, Unit.WORK_DAYS),
}
REPLY = {
    Urgency.URGENT: Promise(1, Unit.WORK_DAYS),
    Urgency.SOON: Promise(2, Unit.WORK_DAYS),
    Urgency.NORMAL: Promise(5, Unit.WORK_DAYS),
    Urgency.HARD: Promise(10, Unit.WORK_DAYS),
}


def acknowledge_by(submitted_at: datetime, urgency: int, working_time: WorkingTime) -> datetime:
    """When a report of this urgency must be acknowledged, in Shanghai time (ACKNOWLEDGE)."""
    return due(submitted_at, *ACKNOWLEDGE[Urgency(urgency)], working_time)


def secure_by(accepted_at: datetime, urgency: int, working_time: WorkingTime) -> datetime:
    """When the place of an accepted case must be safe, in Shanghai time (SECURE)."""
    return due(accepted_at, *SECURE[Urgency(urgency)], working_time)
