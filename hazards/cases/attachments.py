"""Photos and voice on their way into a case: checked before the transaction, undone with it."""

from dataclasses import dataclass, field

from hazards.cases.models.attachments import HazardPhoto, HazardVoice
from hazards.cases.models.steps import Step
from yuanhang.core.media import uploads


@dataclass
class Attachments:
    """What a form's files became: `StoredPhoto`s and `StoredVoice`s, already re-encoded."""

    photos: list = field(default_factory=list)
    voices: list = field(default_factory=list)
    # Of the files as they were sent, see `uploads.fingerprint`; else of what they became.
    digest: str = ""

    def __post_init__(self):
        if not self.digest:
            self.digest = uploads.fingerprint(file.sha256 for file in self.photos + self.voices)

    def __bool__(self):
        return bool(self.photos or self.voices)


def attach(
    step: Step, attachments: Attachments, written: list[str], *, is_repair: bool = False
) -> None:
    """Store the files of a step and their rows; `written` collects the names for undoing."""
    for photo in attachments.photos:
        HazardPhoto.objects.create(
            hazard_id=step.hazard_id,
            step=step,
            is_repair=is_repair,
            **uploads.store_photo("hazards/photos", photo, written),
        )
    for voice in attachments.voices:
        HazardVoice.objects.create(
            hazard_id=step.hazard_id,
            step=step,
            **uploads.store_voice("hazards/voices", voice, written),
        )
