"""Photos and voice on their way into a case: checked before the transaction, undone with it."""

from dataclasses import dataclass, field

from django.core.files.storage import default_storage

from hazards.cases.models.attachments import HazardPhoto, HazardVoice
from yuanhang.core import files


@dataclass
class Attachments:
    """What a form's files became: `StoredPhoto`s and `StoredVoice`s, already re-encoded."""

    photos: list = field(default_factory=list)
    voices: list = field(default_factory=list)

    def __bool__(self):
        return bool(self.photos or self.voices)


def attach(step, attachments, written, *, is_repair=False):
    """Store the files of a step and their rows; `written` collects the names for undoing."""

    def put(folder, extension, data):
        name = files.save_bytes(default_storage, folder, extension, data)
        written.append(name)
        return name

    for photo in attachments.photos:
        HazardPhoto.objects.create(
            hazard_id=step.hazard_id,
            step=step,
            image=put("hazards/photos", "jpg", photo.data),
            thumbnail=put("hazards/thumbnails", "jpg", photo.thumbnail),
            width=photo.width,
            height=photo.height,
            is_repair=is_repair,
        )
    for voice in attachments.voices:
        HazardVoice.objects.create(
            hazard_id=step.hazard_id,
            step=step,
            audio=put("hazards/voices", "m4a", voice.data),
            seconds=voice.seconds,
        )
