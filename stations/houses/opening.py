"""Whether a place is open at a moment, and until or from when. Pure: no database, no "now".

Of four sources the later one wins: the weekly hours; what the published holidays make of a day;
hours added for a night of extreme weather; closures with a reason. What nobody knows is said to be
unknown: neither open nor closed is promised for a holiday of a year that is not published yet.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from yuanhang.core.holidays import CHINA, Day, Holidays, nearest_workday

ONE_DAY = timedelta(days=1)
HOLIDAY = 7  # beside the days of the week, as Python counts them
# So far ahead the next opening is looked for; behind a closure as far again.
DAYS_AHEAD = 16
# Open for so long without an end is open around the clock.
AROUND_THE_CLOCK = timedelta(days=7)


@dataclass(frozen=True)
class Opening:
    """Open or not, and the moment that changes; or that nobody knows.

    `moment` is the closing time when open (None: around the clock), the next opening when closed
    (None: not known). `reason` is that of a closure, or of longer hours, in force now.
    """

    is_open: bool
    moment: datetime | None
    is_known: bool = True
    reason: str = ""
    # A holiday whose hours nobody knows is now, or comes before the next opening that is known.
    is_holiday_unknown: bool = False


class Span(NamedTuple):
    """From when until when, in local time; without an end: until further notice."""

    start: datetime
    end: datetime | None
    reason: str = ""

    def covers(self, moment: datetime) -> bool:
        """Whether the moment lies within; the end does not."""
        return self.start <= moment and (self.end is None or moment < self.end)


class Week(NamedTuple):
    """A place's weekly rules, (weekday or HOLIDAY, opens, closes), and what it does on holidays."""

    rules: tuple[tuple[int, time, time], ...]
    on_holidays: str  # "usual", "closed", "own" (rules of HOLIDAY) or "" for nobody knows
    holidays: Holidays = CHINA

    def weekday_of(self, day: date) -> int | None:
        """Whose rules a date follows; None where nobody knows, -1 where it is closed."""
        kind = self.holidays.kind_of(day)
        if kind is Day.PLAIN or self.on_holidays == "usual":
            return day.weekday()
        if kind is Day.MADE_UP:
            return nearest_workday(day).weekday()
        if kind is Day.UNKNOWN or not self.on_holidays:
            return None
        return HOLIDAY if self.on_holidays == "own" else -1

    def spans_on(self, day: date, zone: Any) -> Iterator[Span]:
        """The spans that begin on a date; one that ends at or before its start ends the day after.

        A night's hours belong to the evening they begin on, whatever the next day is.
        """
        weekday = self.weekday_of(day)
        for rule, opens, closes in self.rules:
            if rule == weekday:
                last = day + ONE_DAY if closes <= opens else day
                yield Span(datetime.combine(day, opens, zone), datetime.combine(last, closes, zone))


def opening(
    now: datetime, week: Week, longer: Iterable[Span] = (), closures: Iterable[Span] = ()
) -> Opening:
    """What is so at `now`, an aware local moment."""
    closures, longer = sorted(closures, key=_start), sorted(longer, key=_start)
    shut = next((span for span in closures if span.covers(now)), None)
    days = _days_around(now, closures)
    spans = [span for day in days for span in week.spans_on(day, now.tzinfo)]
    known = sorted(_without(sorted([*spans, *longer]), closures))
    unknown = [] if week.rules else [Span(now - ONE_DAY, None)]
    for day in days if week.rules else ():
        if week.weekday_of(day) is None:
            start = datetime.combine(day, time(), now.tzinfo)
            unknown.append(Span(start, start + ONE_DAY))
    end = max((span.end for span in known if span.covers(now)), default=None)
    if end is not None:
        end = _joined_end(known, end)
        why = next((span.reason for span in longer if span.covers(now)), "")
        return Opening(True, end if end - now < AROUND_THE_CLOCK else None, reason=why)
    return _closed(now, week, known, unknown, shut)


def _start(span):
    return span.start


def _closed(now, week, known, unknown, shut):
    """Not open by what is known: by a closure, by the hours, or nobody knows."""
    following = next((span.start for span in known if span.start > now), None)
    ends = shut.end if shut else now
    # Whether what nobody knows comes before what is known.
    doubtful = [
        span
        for span in unknown
        if (span.end is None or ends is None or span.end > ends)
        and (following is None or span.start < following)
    ]
    # Until further notice nobody speaks of the holidays behind it.
    is_holiday = bool(doubtful) and bool(week.rules) and ends is not None
    if shut:
        moment = None if doubtful or shut.end is None else following
        return Opening(False, moment, reason=shut.reason, is_holiday_unknown=is_holiday)
    if any(span.covers(now) for span in unknown):
        return Opening(False, None, is_known=False, is_holiday_unknown=is_holiday)
    return Opening(False, None if doubtful else following, is_holiday_unknown=is_holiday)


def _days_around(now, closures):
    """The dates that matter: a night's hours of yesterday, and as far as the next opening lies."""
    ends = [span.end for span in closures if span.end is not None and span.end > now]
    last = max([now, *ends]).date() + timedelta(days=DAYS_AHEAD)
    first = now.date() - ONE_DAY
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _without(spans, closures):
    """What of the spans no closure takes away; all sorted by their start."""
    for span in spans:
        pieces = [span]
        for shut in closures:
            pieces = [rest for piece in pieces for rest in _cut(piece, shut)]
        yield from pieces


def _cut(span, shut):
    if (shut.end is not None and shut.end <= span.start) or shut.start >= span.end:
        return [span]
    before = [span._replace(end=shut.start)] if span.start < shut.start else []
    after = shut.end is not None and shut.end < span.end
    return [*before, *([span._replace(start=shut.end)] if after else [])]


def _joined_end(spans, end):
    """Follow spans that touch, so that 08:00–24:00 and 00:00–02:00 read as one."""
    for span in spans:
        if span.start <= end < span.end:
            end = span.end
    return end
