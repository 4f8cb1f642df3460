"""What the tests of working time share."""

from datetime import datetime, timedelta

from hazards.catalogue.models import StandardCase
from hazards.deadlines.working_time import (
    SHANGHAI,
    WorkingTime,
)

CLOCK, HOURS, DAYS = StandardCase.Unit
OFFICE = WorkingTime()  # 08:30-11:30 and 13:30-17:00: six and a half hours
TICK = timedelta(microseconds=1)


def at(text):
    """A local moment: "02-13 09:00" is in 2026 unless a year is given."""
    if len(text) == len("02-13 09:00"):
        text = f"2026-{text}"
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def hours(number):
    return timedelta(hours=number)
