"""Voice notes as they came, made into what every phone plays: by the queue, after the receipt.

A note is stored with its report as it was sent, because converting half a minute takes longer than
anybody should wait for a number. Here it becomes what its page plays. Twins do no harm, and what a
process left that died is found by the sweep.
"""

from datetime import datetime, timedelta
from typing import BinaryIO, cast

from django.core.files.storage import default_storage
from django.utils import timezone

from hazards.cases.models.attachments import HazardVoice
from yuanhang.core import files, jobs
from yuanhang.core.media import helpers, uploads
from yuanhang.core.media.invalid_upload import InvalidUploadError, NotNowError
from yuanhang.core.media.stored_voice import StoredVoice
from yuanhang.core.stored_files import removal

FOLDER = "hazards/voices"
TASK = "hazards.cases.tasks.convert_recording"
LEFT_AFTER = timedelta(minutes=5)  # by then the queue had its turn
GIVE_UP_AFTER = timedelta(days=1)  # what a helper has not managed by then, none will
NOTES_A_RUN = 200


def convert(pk: int, now: datetime | None = None) -> bool:
    """Put the converted recording in the place of what was sent; whether anything changed.

    One that cannot be converted is kept, and its page says so. Where no helper could be asked now,
    the note waits for the next sweep.
    """
    voice = HazardVoice.objects.filter(pk=pk, is_unreadable=False).exclude(original="").first()
    if voice is None:
        return False  # a twin was faster, or its time was over
    try:
        with default_storage.open(voice.original.name, "rb") as recording:
            note = helpers.convert_voice(cast(BinaryIO, recording))
    except FileNotFoundError:
        return _is_unreadable(voice)  # the hourly look at the disk reports it
    except NotNowError:
        is_hopeless = voice.created_at < (now or timezone.now()) - GIVE_UP_AFTER
        return is_hopeless and _is_unreadable(voice)
    except InvalidUploadError:
        return _is_unreadable(voice)
    return _replace(voice, note)


def _is_unreadable(voice: HazardVoice) -> bool:
    rows = HazardVoice.objects.filter(pk=voice.pk, original=voice.original.name)
    return bool(rows.update(is_unreadable=True))


def _replace(voice: HazardVoice, note: StoredVoice) -> bool:
    """The one file for the other, in one transaction; what was sent goes after its commit."""
    try:
        with files.stored_with_rows() as stored:
            rows = HazardVoice.objects.filter(pk=voice.pk, original=voice.original.name)
            if not rows.select_for_update(of=("self",), no_key=True).exists():
                return False
            rows.update(**uploads.store_voice(FOLDER, note, stored))
            removal.remove_at_commit([voice.original.name])
    except files.NoRoomError:
        return False  # a full disk: the sweep asks again
    return True


def sweep(now: datetime | None = None) -> int:
    """Queue again what is not converted, and is not in the queue any more; returns how many."""
    now = now or timezone.now()
    queued = jobs.queued_arguments(TASK)
    waiting = HazardVoice.objects.filter(is_unreadable=False, created_at__lt=now - LEFT_AFTER)
    keys = waiting.exclude(original="").order_by("created_at").values_list("pk", flat=True)
    left = [pk for pk in keys[:NOTES_A_RUN] if (pk,) not in queued]
    for pk in left:
        jobs.enqueue(TASK, pk)
    return len(left)
