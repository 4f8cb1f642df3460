"""Queue work of who keeps a station."""

from stations.keeping import first_aid
from yuanhang.core.jobs import job


@job
def warn_of_expiry() -> int:
    """First-aid items that are too old soon."""
    return first_aid.warn_of_expiry()
