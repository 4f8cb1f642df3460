"""Queue work of the honest door."""

from stations.faults import faults
from yuanhang.core.jobs import job


@job
def lapse() -> int:
    """Faults that nobody told of again for long."""
    return faults.lapse()
