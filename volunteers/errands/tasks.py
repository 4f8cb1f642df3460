"""Queue work: leases, and next week's errands."""

from volunteers.errands import errands
from yuanhang.core.jobs import LONG, job, on


@job
def move_errands():
    """Leases that ran out."""
    return errands.expire_leases()


@job
@on(LONG)
def repeat_errands():
    """Next week's errands."""
    return errands.repeat_weekly()
