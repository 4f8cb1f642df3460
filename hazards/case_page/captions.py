"""What stands on the pictures of a case: a repair's picture claims no more than it can know."""

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

from hazards.cases.kind_words import says
from hazards.cases.models.attachments import HazardPhoto
from hazards.cases.models.hazards import Hazard


def captioned(
    photos: Sequence[HazardPhoto], hazard: Hazard, followers: Iterable[Hazard], *, is_mine: bool
) -> list[HazardPhoto]:
    """The photos of a case's page, each with its `words`; their steps were fetched with them.

    A picture of the repair says 「修好后」 only while it is the present repair's, and nobody
    reported or pictured the place since.
    """
    fixed_at = (hazard.main or hazard).fixed_at
    reports = [case.submitted_at for case in (hazard, *followers)]
    latest = max([*reports, *(photo.step.at for photo in photos if not photo.is_repair)])
    for photo in photos:
        if photo.is_repair:
            holds = fixed_at is not None and photo.step.at >= fixed_at and photo.step.at >= latest
            photo.words = says(hazard, "photo_after" if holds else "photo_claimed")
        elif fixed_at is not None and photo.step.at > fixed_at:
            photo.words = says(hazard, "photo_since")
        else:
            photo.words = _("你拍的") if is_mine else _("现场")
    return list(photos)
