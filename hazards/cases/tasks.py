"""Queue work: recordings."""

from hazards.cases import recordings
from yuanhang.core.jobs import MEDIA, job, on


@job
@on(MEDIA)
def convert_recording(pk: int) -> int:
    """One voice note, by its key."""
    return int(recordings.convert(pk))


@job
def sweep_recordings() -> int:
    """What was left as it came."""
    return recordings.sweep()
