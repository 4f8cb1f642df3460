"""Queue work: leases, and next week's errands."""

from volunteers.errands import errands
from yuanhang.core.jobs import job


@job
def move_errands():
    """Leases that ran out."""
    return errands.expire_leases()


@job
def repeat_errands():
    """Next week's errands."""
    return errands.repeat_weekly()
