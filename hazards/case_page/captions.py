"""What stands on the pictures of a case: a repair's picture claims no more than it can know."""

from collections.abc import Sequence

from django.db.models import Max, Q
from django.utils.translation import gettext as _

from hazards.cases.kind_words import says
from hazards.cases.models.attachments import HazardPhoto
from hazards.cases.models.hazards import Hazard
from hazards.cases.pictures import Shows, shown_by
from hazards.cases.transitions import REPORTER


def captioned(
    photos: Sequence[HazardPhoto], hazard: Hazard, followers: Sequence[Hazard], *, is_mine: bool
) -> list[HazardPhoto]:
    """The photos of a case's page, each with its `words`; their steps were fetched with them.

    `followers` are the cases merged into it. A query where the repair of the case is shown that
    it follows itself, none otherwise.
    """
    has_repair = any(photo.is_repair for photo in photos)
    last_report = _last_report(hazard, followers) if has_repair else hazard.submitted_at
    found = shown_by(photos, (hazard.main or hazard).fixed_at, last_report)
    for photo, shows in found:
        if shows == Shows.BEFORE:
            is_own = is_mine and photo.step.by_role == REPORTER
            photo.words = _("你拍的") if is_own else _("现场")
        else:
            photo.words = says(hazard, shows.value)
    return [photo for photo, _shows in found]


def _last_report(hazard, followers):
    # Of the whole family, whoever looks: what somebody else reported since is not said, but heeded.
    if hazard.main_id is None:
        return max(case.submitted_at for case in (hazard, *followers))
    family = Hazard.objects.filter(Q(pk=hazard.main_id) | Q(main=hazard.main_id))
    return family.aggregate(at=Max("submitted_at"))["at"]
