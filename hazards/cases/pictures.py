"""What a picture of a case shows, seen from the present repair; no page claims more than that."""

from collections.abc import Iterable
from datetime import datetime
from enum import Enum

from hazards.cases.models.attachments import HazardPhoto


class Shows(Enum):
    """Before the repair, after it, after one that did not hold, or the place once more since."""

    BEFORE = "before"
    AFTER = "photo_after"
    CLAIMED = "photo_claimed"
    SINCE = "photo_since"


def shown_by(
    photos: Iterable[HazardPhoto], fixed_at: datetime | None, last_report: datetime
) -> list[tuple[HazardPhoto, Shows]]:
    """Each picture with what it shows; their steps were fetched with them.

    `fixed_at` is when the present repair was told, None while there is none; `last_report` when
    the place was last reported, by whomever. A picture of the repair shows how it is only while
    it is the present repair's, and nobody reported or pictured the place since.
    """
    photos = list(photos)
    latest = max([last_report, *(photo.step.at for photo in photos if not photo.is_repair)])
    return [(photo, _shows(photo, fixed_at, latest)) for photo in photos]


def _shows(photo: HazardPhoto, fixed_at: datetime | None, latest: datetime) -> Shows:
    taken = photo.step.at
    if photo.is_repair:
        holds = fixed_at is not None and taken >= fixed_at and taken >= latest
        return Shows.AFTER if holds else Shows.CLAIMED
    return Shows.SINCE if fixed_at is not None and taken > fixed_at else Shows.BEFORE


def first_photo(hazard):
    """The first picture of the hazard itself, from what was prefetched."""
    return next((photo for photo in hazard.photos.all() if not photo.is_repair), None)


def last_repair(hazard):
    """The newest picture of the repair, from what was prefetched."""
    repairs = [photo for photo in hazard.photos.all() if photo.is_repair]
    return max(repairs, key=lambda photo: photo.pk, default=None)
