"""Queue work: confidential requests that were forgotten."""

from workers.aid import aid
from yuanhang.core.jobs import job


@job
def end_forgotten() -> int:
    """What nobody wrote on for a year."""
    return aid.lapse()
