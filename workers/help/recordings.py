"""The voice notes of requests, and the queue's work on them."""

from yuanhang.core.media.recordings import Recordings

FOLDER = "help/voices"
TASK = "workers.help.tasks.convert_recording"
NOTES = Recordings("workers.HelpVoice", FOLDER, TASK)


def convert(pk: int) -> bool:
    """As `Recordings.convert`."""
    return NOTES.convert(pk)


def sweep() -> int:
    """As `Recordings.sweep`."""
    return NOTES.sweep()
