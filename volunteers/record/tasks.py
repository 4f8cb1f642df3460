"""Queue work: attendance and skills."""

from volunteers.record import attendance, training_records
from yuanhang.core.jobs import LONG, job, on


@job
@on(LONG)
def settle_sessions():
    """Leaders are asked to look at the list; untouched sessions settle."""
    return {"asked": attendance.ask_leaders(), "settled": attendance.settle_due()}


@job
@on(LONG)
def warn_expiries():
    """Skills that end in 60 days, in 14, or today."""
    return training_records.warn_expiries()
