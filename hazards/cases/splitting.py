"""One report, two hazards: the second becomes a case of its own, linked both ways."""

import hashlib
from collections.abc import Sequence
from uuid import uuid5

from django.db import IntegrityError
from django.utils import timezone
from django.utils.translation import gettext as _

from hazards.cases.attachments import Attachments
from hazards.cases.models.attachments import HazardPhoto
from hazards.cases.models.hazards import Hazard
from hazards.cases.models.numbers import NumberCounter
from hazards.cases.steps import Beside, Earlier, move, step_of
from hazards.catalogue.models import Category
from hazards.deadlines import deadlines
from yuanhang.core import audit
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.locked_transitions import hand_down
from yuanhang.core.media.photos import StoredPhoto
from yuanhang.core.models import User

# What the second hazard has in common with the first: where it is, and who told of it.
SHARED = (
    "subdistrict_id",
    "community_id",
    "grid_id",
    "place",
    "latitude",
    "longitude",
    "accuracy",
    "datum",
    "location_source",
    "reporter_id",
    "contact_name",
    "contact_phone",
    "shares_contact",
)


def split(
    hazard: Hazard,
    *,
    by: User | None,
    category: Category,
    description: str,
    photos: Sequence[HazardPhoto] = (),
    note: str = "",
    role: str = "reviewer",
) -> Hazard:
    """Make a case of its own out of what a report also tells of; returns the first one.

    The new one has the same place and reporter, copies of the given `photos`, and its own clock.
    Raises NotAllowedNowError when just that was split off before.
    """
    made = Beside(files=Attachments(photos=[_copy(photo) for photo in photos]))
    key = uuid5(hazard.submission_key, f"split:{category.pk}:{description}")

    def change(case: Hazard, _earlier: Earlier) -> None:
        part = _part_of(case, category, description)
        part.submission_key = key
        part.save(force_insert=True)
        made.steps.append(step_of(part, "submit", by=by, role="split", note=""))
        made.events.append(audit.event("hazards.submit", part, by=by, role="split", parent=case))
        case.latest_part = part

    def store(_case: Hazard) -> None:
        """Nothing of the first case itself changes."""

    given = {"by": by, "role": role, "note": note}
    try:
        return move(hazard, "split", change=change, beside=made, store=store, **given)
    except IntegrityError as error:
        # The very same was split off before: the key says so, under the lock of the case.
        if f"({key})" not in str(error):
            raise
        raise NotAllowedNowError(_("已经拆出来了，看下面那一件。")) from None


def _part_of(case: Hazard, category: Category, description: str) -> Hazard:
    now = timezone.now()
    part = Hazard(
        category=category,
        urgency=category.urgency,
        description=description,
        split_from=case,
        submitted_at=now,
        waiting_since=now,
        **{name: getattr(case, name) for name in SHARED},
    )
    hand_down(case, part, ("grid", "community", "subdistrict"))
    part.number = NumberCounter.next_number(case.subdistrict_id, now)
    deadlines.on_submit(part)
    return part


def _copy(photo: HazardPhoto) -> StoredPhoto:
    """The bytes of a stored photo: each case keeps its own, so that one may go alone."""
    with photo.image.open() as image, photo.thumbnail.open() as thumbnail:
        data, small = image.read(), thumbnail.read()
    medium = b""
    if photo.medium:
        with photo.medium.open() as file:
            medium = file.read()
    digest = hashlib.sha256(data).hexdigest()
    return StoredPhoto(data, small, photo.width, photo.height, digest, medium=medium)
