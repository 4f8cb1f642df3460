"""Voice notes as they came, made into what every phone plays: by the queue, after the receipt.

A note is stored with its row as it was sent, because converting half a minute takes longer than
anybody should wait for an answer. Here it becomes what its page plays. Twins do no harm, and what
a process left that died is found by the sweep. A noun with a `Voice` has a `Recordings` of it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, BinaryIO, cast

from django.apps import apps
from django.core.files.storage import default_storage
from django.utils import timezone

from yuanhang.core import files, jobs
from yuanhang.core.media import helpers, uploads
from yuanhang.core.media.invalid_upload import InvalidUploadError, NotNowError
from yuanhang.core.media.stored_voice import StoredVoice
from yuanhang.core.stored_files import removal

LEFT_AFTER = timedelta(minutes=5)  # by then the queue had its turn
GIVE_UP_AFTER = timedelta(days=1)  # what a helper has not managed by then, none will
NOTES_A_RUN = 200


@dataclass(frozen=True)
class Recordings:
    """The voice notes of a noun: the label of their model, the folder of their files, and the
    dotted path of the queue's function that converts one by its key."""

    model: str
    folder: str
    task: str

    @property
    def rows(self) -> Any:
        """All of them."""
        return apps.get_model(self.model)._default_manager

    def convert(self, pk: int, now: datetime | None = None) -> bool:
        """Put the converted recording in the place of what was sent; whether anything changed.

        One that cannot be converted is kept, and its page says so. Where no helper could be asked
        now, the note waits for the next sweep.
        """
        voice = self.rows.filter(pk=pk, is_unreadable=False).exclude(original="").first()
        if voice is None:
            return False  # a twin was faster, or its time was over
        try:
            with default_storage.open(voice.original.name, "rb") as recording:
                note = helpers.convert_voice(cast(BinaryIO, recording))
        except FileNotFoundError:
            return self._is_unreadable(voice)  # the hourly look at the disk reports it
        except NotNowError:
            is_hopeless = voice.created_at < (now or timezone.now()) - GIVE_UP_AFTER
            return is_hopeless and self._is_unreadable(voice)
        except InvalidUploadError:
            return self._is_unreadable(voice)
        return self._replace(voice, note)

    def _is_unreadable(self, voice: Any) -> bool:
        rows = self.rows.filter(pk=voice.pk, original=voice.original.name)
        return bool(rows.update(is_unreadable=True))

    def _replace(self, voice: Any, note: StoredVoice) -> bool:
        """The one file for the other, in one transaction; what was sent goes after its commit."""
        try:
            with files.stored_with_rows() as stored:
                rows = self.rows.filter(pk=voice.pk, original=voice.original.name)
                if not rows.select_for_update(of=("self",), no_key=True).exists():
                    return False
                rows.update(**uploads.store_voice(self.folder, note, stored))
                removal.remove_at_commit([voice.original.name])
        except files.NoRoomError:
            return False  # a full disk: the sweep asks again
        return True

    def sweep(self, now: datetime | None = None) -> int:
        """Queue again what is not converted, and not in the queue any more; returns how many."""
        now = now or timezone.now()
        queued = jobs.queued_arguments(self.task)
        waiting = self.rows.filter(is_unreadable=False, created_at__lt=now - LEFT_AFTER)
        keys = waiting.exclude(original="").order_by("created_at").values_list("pk", flat=True)
        left = [pk for pk in keys[:NOTES_A_RUN] if (pk,) not in queued]
        for pk in left:
            jobs.enqueue(self.task, pk)
        return len(left)
