"""What everybody may see of a case, and the one door by which a picture gets there.

A picture is public only by a reviewer's word, and then as a copy in which the boxes they drew are
filled: it is drawn anew from the covered pixels, so nothing beneath a box is in the file. The
original stays with those who may see the case. Whether the caller may is asked of `access`.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import (
    Count,
    Exists,
    F,
    Max,
    Min,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.functions import Coalesce, Least, TruncDate
from django.utils.translation import gettext as _

from hazards.cases.kind_words import says
from hazards.cases.models.attachments import HazardPhoto
from hazards.cases.models.hazards import Hazard
from hazards.cases.pictures import Shows, shown_by
from hazards.cases.states import OPEN_STATES, State
from hazards.published.redaction import redacted, small
from stations.areas import landmarks
from yuanhang.core import audit, files
from yuanhang.core.erasures import erasures
from yuanhang.core.erasures.erasures import Eraser
from yuanhang.core.media import uploads
from yuanhang.core.models import User
from yuanhang.core.stored_files import removal

PUBLIC_COPY = "hazards.public_copy"
# About 110 metres north to south: which street, not which door.
DECIMALS = 3
# So many cases of a month are counted one by one; beyond that a page says "more than".
COUNTED_MAX = 500
# When the work was done; the check may come a day later, and the road was whole before it.
DONE_AT = Coalesce("fixed_at", "closed_at")


def is_offered(hazard: Hazard) -> bool:
    """Whether showing its pictures is a question now: it is about a thing, and the work is done
    or the category's pictures help passers-by to know it again before that."""
    category = hazard.category
    if hazard.state in (State.FIXED, State.CLOSED):
        return category.may_be_published
    return hazard.is_open and category.shows_open_pictures


def publish(photo: HazardPhoto, *, by: User, boxes: list[list[float]]) -> HazardPhoto:
    """Let everybody see a redacted copy once its case is closed, or at once where the category
    shows pictures of open cases; replaces an earlier copy.

    `boxes` are what is filled: left, top, width and height in percent of the picture.
    """
    with default_storage.open(photo.image.name) as source:
        data = redacted(source, boxes)
    with files.stored_with_rows() as stored:
        fresh = HazardPhoto.objects.select_for_update().get(pk=photo.pk)
        old = _copies(fresh)
        fresh.is_public, fresh.boxes = True, boxes
        fresh.public_image = uploads.store_jpeg("hazards/public", data, stored)
        fresh.public_small = uploads.store_jpeg("hazards/public", small(data), stored)
        return _saved(fresh, "hazards.publish_photo", by, old)


def unpublish(photo: HazardPhoto, *, by: User | None) -> HazardPhoto:
    """Take the covered copy back and remove it from the disk; the original is untouched."""
    with transaction.atomic():
        fresh = HazardPhoto.objects.select_for_update().get(pk=photo.pk)
        old = _copies(fresh)
        if not fresh.is_public:
            return fresh
        # The boxes stay: whoever publishes it again need not draw them anew.
        fresh.is_public, fresh.public_image, fresh.public_small = False, "", ""
        return _saved(fresh, "hazards.unpublish_photo", by, old)


def _copies(photo):
    """The names of the covered copies that are stored."""
    return [file.name for file in (photo.public_image, photo.public_small) if file]


def _saved(photo, kind, by, old):
    if old:
        # Somebody saw too much on it: a backup would show it to everybody again.
        erasures.note(PUBLIC_COPY, "hazards.hazardphoto", [photo.pk])
    photo.save(update_fields=["is_public", "boxes", "public_image", "public_small"])
    audit.record(
        kind,
        photo,
        by=by,
        role="reviewer",
        parent=photo.hazard,
        changes={"is_public": photo.is_public, "boxes": len(photo.boxes)},
    )
    # Only once nobody can be led to them any more; a rolled-back change keeps them.
    removal.remove_at_commit(old)
    return photo


def _forget_copies(keys: list[Any], _now: datetime) -> None:
    for photo in HazardPhoto.objects.filter(pk__in=keys, is_public=True).order_by("pk"):
        unpublish(photo, by=None)


# The covered copy of a picture, taken back or replaced by another one.
ERASERS = (Eraser(PUBLIC_COPY, "hazards.hazardphoto", _forget_copies),)


def public_photos() -> QuerySet[HazardPhoto]:
    """Pictures that everybody may see now; a case opened again takes its pictures with it, but
    where its category shows those of open cases."""
    closed = Q(hazard__state=State.CLOSED, hazard__category__may_be_published=True)
    at_work = Q(hazard__state__in=OPEN_STATES, hazard__category__shows_open_pictures=True)
    return HazardPhoto.objects.filter(closed | at_work, is_public=True)


def with_public_photos(hazards: QuerySet[Hazard]) -> QuerySet[Hazard]:
    """The cases with what `public_facts` needs of each: one query more than without."""
    photos = Prefetch("photos", public_photos().select_related("step"), to_attr="shown")
    merged = Hazard.objects.filter(main=OuterRef("pk")).order_by().values("main")
    return (
        hazards.select_related("category", "grid")
        .prefetch_related(photos)
        .annotate(
            first_merged=Subquery(merged.annotate(at=Min("submitted_at")).values("at")),
            last_merged=Subquery(merged.annotate(at=Max("submitted_at")).values("at")),
        )
    )


def fixed_cases(start: datetime, end: datetime) -> QuerySet[Hazard]:
    """Closed cases of a stretch of time that the public sees, latest first."""
    cases = Hazard.objects.closed_between(start, end).filter(category__may_be_published=True)
    return with_public_photos(cases)


def wall_of(cases: QuerySet[Hazard]) -> QuerySet[Hazard]:
    """Those of closed cases that have public pictures of before and of after the repair."""
    shown = public_photos().filter(hazard=OuterRef("pk"))
    return cases.filter(
        Exists(shown.filter(is_repair=False)),
        Exists(shown.filter(is_repair=True, step__at__gte=OuterRef("fixed_at"))),
    )


def fixed_figures(start: datetime, end: datetime) -> dict[str, int | bool]:
    """{"all": cases put right, "same_day": of these on the day they were first told, "is_more"};
    one query, which reads `COUNTED_MAX` rows at most and says so where there are more."""
    merged = Hazard.objects.filter(main=OuterRef("pk")).order_by().values("main")
    first = Least("submitted_at", Subquery(merged.annotate(at=Min("submitted_at")).values("at")))
    cases = Hazard.objects.closed_between(start, end).filter(category__may_be_published=True)
    cases = cases.annotate(told_on=TruncDate(first), done_on=TruncDate(DONE_AT))
    counted = cases[: COUNTED_MAX + 1].values("pk", "told_on", "done_on")
    found = counted.aggregate(all=Count("pk"), same_day=Count("pk", filter=Q(told_on=F("done_on"))))
    is_more = found["all"] > COUNTED_MAX
    return {**found, "all": min(found["all"], COUNTED_MAX), "is_more": is_more}


def unrepaired_count(start: datetime, end: datetime) -> int:
    """How many things ended without a repair in a stretch of time: said, never shown as fixed."""
    ended = Hazard.objects.filter(state=State.UNREPAIRED, category__may_be_published=True)
    return ended.filter(closed_at__gte=start, closed_at__lt=end).count()


def public_facts(hazards: Iterable[Hazard]) -> list[dict[str, Any]]:
    """What strangers may know of each case: no person, no text of the reporter's, no number.

    A place is told by a landmark's name or by the grid. Free words stay away: strangers write
    them, and nobody has read them for publication.
    """
    hazards = list(hazards)
    named = set(landmarks.names()) if hazards else set()
    return [_facts_of(hazard, named) for hazard in hazards]


def _facts_of(hazard, named):
    known = hazard.place in named
    ended, done = hazard.closed_at, hazard.fixed_at or hazard.closed_at
    # Several people may have reported the place, and which report became the main one says
    # nothing of when it was first and last told.
    reported = [hazard.submitted_at, *filter(None, (hazard.first_merged, hazard.last_merged))]
    pictures = shown_by(hazard.shown, hazard.fixed_at, max(reported))
    return {
        "pk": hazard.pk,
        "category": str(hazard.category),
        "seal": hazard.category.seal,
        "place": hazard.place if known else str(hazard.grid or ""),
        "latitude": round(hazard.latitude, DECIMALS) if hazard.has_point else None,
        "longitude": round(hazard.longitude, DECIMALS) if hazard.has_point else None,
        "submitted_at": min(reported),
        "closed_at": ended,
        "done_at": done,
        "seconds": (done - min(reported)).total_seconds() if ended else None,
        "secured_in": _seconds_between(min(reported), hazard.secured_at),
        "before": [photo.pk for photo, shows in pictures if shows == Shows.BEFORE],
        "pictures": [(photo.pk, _caption(hazard, shows)) for photo, shows in pictures],
        "wall": _pair_first(hazard, pictures),
        "is_pair": {Shows.BEFORE, Shows.AFTER} <= {shows for _photo, shows in pictures},
    }


def _seconds_between(start, end):
    return (end - start).total_seconds() if end and end > start else None


def _pair_first(hazard, pictures):
    """(pk, what stands on it, whether it shows the repair): the first before and the last after,
    then whatever else a reviewer released."""
    before = [one for one in pictures if one[1] == Shows.BEFORE][:1]
    after = [one for one in pictures if one[1] == Shows.AFTER][-1:]
    pair = before + after
    rest = [one for one in pictures if one not in pair]
    return [(photo.pk, *_label(hazard, shows)) for photo, shows in pair + rest]


def _label(hazard, shows):
    """(what a picture of the wall says, whether it shows the repair); of a pair two short words."""
    if shows == Shows.AFTER:
        return _("修好"), True
    return (_("修前") if shows == Shows.BEFORE else _caption(hazard, shows)), False


def _caption(hazard, shows):
    return _("之前") if shows == Shows.BEFORE else says(hazard, shows.value)
