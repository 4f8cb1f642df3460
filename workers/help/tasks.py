"""Queue work of help: leases, the one question, what nobody answered, and recordings."""

from workers.help import help_requests, recordings
from yuanhang.core.jobs import MEDIA, job, on


@job
def move_requests() -> int:
    """What is due: leases that ran out, the question after an hour, the end without an answer."""
    expired = help_requests.expire_leases()
    return expired + help_requests.ask_again() + help_requests.lapse()


@job
@on(MEDIA)
def convert_recording(pk: int) -> int:
    """One voice note, by its key."""
    return int(recordings.convert(pk))


@job
def sweep_recordings() -> int:
    """What was left as it came."""
    return recordings.sweep()
