"""Queue work: leases, next week's errands, and what is to be forgotten."""

from volunteers.errands import errands
from yuanhang.core.jobs import job


@job
def move_errands():
    """Leases that ran out."""
    return errands.expire_leases()


@job
def keep_errands():
    """Next week's errands, and what is to be forgotten."""
    return {"repeated": errands.repeat_weekly(), "erased": errands.erase_old()}
