"""Photos and voice on their way into a case: checked before the transaction, undone with it."""

from dataclasses import dataclass, field

from hazards.cases.models.attachments import HazardPhoto, HazardVoice
from hazards.cases.models.steps import Step
from hazards.cases.recordings import FOLDER, TASK
from yuanhang.core import jobs
from yuanhang.core.files import FilesOfRows
from yuanhang.core.media import uploads


@dataclass
class Attachments:
    """What a form's files became: `StoredPhoto`s, re-encoded, and `StoredVoice`s, looked at."""

    photos: list = field(default_factory=list)
    voices: list = field(default_factory=list)
    # Of the files as they were sent, see `uploads.fingerprint`; else of what they became.
    digest: str = ""
    # How many there were that the disk did not take.
    lost: int = 0

    def __post_init__(self):
        if not self.digest:
            self.digest = uploads.fingerprint(file.sha256 for file in self.photos + self.voices)

    def __bool__(self):
        return bool(self.photos or self.voices)

    def without_files(self) -> "Attachments":
        """The same sending with nothing but the count of its files."""
        return Attachments(digest=self.digest, lost=len(self.photos) + len(self.voices))


@dataclass
class WrittenFiles:
    """Files of a step on the disk, and what their rows will say: (model, fields) of each."""

    rows: list = field(default_factory=list)


def write(attachments: Attachments, stored: FilesOfRows) -> WrittenFiles:
    """Store the files; `stored` is that of the transaction that will have their rows.

    It takes the disk some hundredths of a second each, so whoever holds a lock for which others
    queue writes before taking it.
    """
    photos = [
        (HazardPhoto, uploads.store_photo("hazards/photos", photo, stored))
        for photo in attachments.photos
    ]
    voices = [
        (HazardVoice, uploads.store_voice(FOLDER, voice, stored)) for voice in attachments.voices
    ]
    return WrittenFiles(photos + voices)


def keep(step: Step, written: WrittenFiles, *, is_repair: bool = False) -> None:
    """Make the rows of a step's files."""
    common = {"hazard_id": step.hazard_id, "step": step}
    photos = [fields for model, fields in written.rows if model is HazardPhoto]
    voices = [fields for model, fields in written.rows if model is HazardVoice]
    HazardPhoto.objects.bulk_create(
        HazardPhoto(is_repair=is_repair, **common, **fields) for fields in photos
    )
    made = HazardVoice.objects.bulk_create(HazardVoice(**common, **fields) for fields in voices)
    for voice in made:
        if voice.original:
            jobs.enqueue(TASK, voice.pk)


def attach(
    step: Step, attachments: Attachments, stored: FilesOfRows, *, is_repair: bool = False
) -> None:
    """Store the files of a step and their rows; `stored` is that of their transaction."""
    keep(step, write(attachments, stored), is_repair=is_repair)
