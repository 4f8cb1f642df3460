"""The voice notes of cases, and the queue's work on them."""

from datetime import datetime

from yuanhang.core.media.recordings import Recordings

FOLDER = "hazards/voices"
TASK = "hazards.cases.tasks.convert_recording"
NOTES = Recordings("hazards.HazardVoice", FOLDER, TASK)


def convert(pk: int, now: datetime | None = None) -> bool:
    """As `Recordings.convert`."""
    return NOTES.convert(pk, now)


def sweep(now: datetime | None = None) -> int:
    """As `Recordings.sweep`."""
    return NOTES.sweep(now)
