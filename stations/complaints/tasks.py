"""Queue work of the complaints."""

from stations.complaints import complaints
from yuanhang.core.jobs import job


@job
def remind() -> tuple[int, int]:
    """What is to be answered soon, and what is late."""
    return complaints.remind()
