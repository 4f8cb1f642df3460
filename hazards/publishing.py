"""What everybody may see of a closed case, and the one door by which a picture gets there.

A picture is public only by a reviewer's word, and then as a copy in which the boxes they drew are
filled: it is drawn anew from the covered pixels, so nothing beneath a box is in the file. The
original stays with those who may see the case. Whether the caller may is asked of `access`.
"""

import io
from math import ceil, floor

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Prefetch
from PIL import Image, ImageDraw

from stations.models import Landmark
from yuanhang.core import audit, files
from yuanhang.core.photos import THUMBNAIL_QUALITY, THUMBNAIL_SIDE

from .models import Hazard, HazardPhoto, State

MOST_BOXES = 20
LONGEST_SIDE = 1280  # the public sees enough, and a page of before and after stays light
QUALITY = 80
INK = (34, 35, 31)
# About 110 metres north to south: which street, not which door.
DECIMALS = 3
# These are about people and not about things, so even a street tells too much.
NEVER_PUBLIC = ("elder", "fraud")


def is_offered(hazard):
    """Whether showing its pictures is a question now: the work is done, and it is about a thing."""
    done = hazard.state in (State.FIXED, State.CLOSED)
    return done and hazard.category_id not in NEVER_PUBLIC


def covered(source, boxes):
    """JPEG bytes of the picture with solid boxes; [left, top, width, height] in shares of it."""
    with Image.open(source) as opened:
        picture = opened.convert("RGB")
    draw, (width, height) = ImageDraw.Draw(picture), picture.size
    for left, top, across, down in boxes:
        # Outward to whole pixels: what lies half under the edge goes, too.
        west, north = floor(left * width), floor(top * height)
        east, south = ceil((left + across) * width), ceil((top + down) * height)
        draw.rectangle((west, north, max(west, east - 1), max(north, south - 1)), fill=INK)
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    picture.info = {}
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def small(photo):
    """JPEG bytes of the covered copy at the size of a thumbnail, for a list on a weak network."""
    with default_storage.open(photo.public_image.name) as source, Image.open(source) as picture:
        picture.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.LANCZOS)
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=THUMBNAIL_QUALITY)
    return out.getvalue()


def publish(photo, *, by, boxes):
    """Let everybody see a covered copy once its case is closed; replaces an earlier copy."""
    with default_storage.open(photo.image.name) as source:
        data = covered(source, boxes)
    with files.undone_on_failure() as written, transaction.atomic():
        fresh = HazardPhoto.objects.select_for_update().get(pk=photo.pk)
        old = fresh.public_image.name
        name = files.save_bytes(default_storage, "hazards/public", "jpg", data)
        written.append(name)
        fresh.is_public, fresh.cover, fresh.public_image = True, boxes, name
        return _saved(fresh, "hazards.publish_photo", by, old)


def unpublish(photo, *, by):
    """Take the covered copy back and remove it from the disk; the original is untouched."""
    with transaction.atomic():
        fresh = HazardPhoto.objects.select_for_update().get(pk=photo.pk)
        old = fresh.public_image.name
        if not fresh.is_public:
            return fresh
        # The boxes stay: whoever publishes it again need not draw them anew.
        fresh.is_public, fresh.public_image = False, ""
        return _saved(fresh, "hazards.unpublish_photo", by, old)


def _saved(photo, kind, by, old):
    photo.save(update_fields=["is_public", "cover", "public_image"])
    audit.record(
        kind,
        photo,
        by=by,
        role="reviewer",
        parent=photo.hazard,
        changes={"is_public": photo.is_public, "boxes": len(photo.cover)},
    )
    if old:
        # Only once nobody can be led to it any more; a rolled-back change keeps it.
        transaction.on_commit(lambda: default_storage.delete(old))
    return photo


def public_photos():
    """Pictures that everybody may see now; a case opened again takes its pictures with it."""
    return HazardPhoto.objects.filter(is_public=True, hazard__state=State.CLOSED).exclude(
        hazard__category__in=NEVER_PUBLIC
    )


def ready_to_tell(hazards):
    """The cases with what `told` needs of each."""
    photos = Prefetch("photos", public_photos(), to_attr="shown")
    return hazards.select_related("category", "grid").prefetch_related(photos)


def fixed_cases(start, end):
    """Closed cases of a stretch of time that the public sees, latest first."""
    cases = Hazard.objects.closed_between(start, end).exclude(category__in=NEVER_PUBLIC)
    return ready_to_tell(cases).order_by("-closed_at", "-id")


def told(hazards):
    """What strangers may know of each case: no person, no text of the reporter's, no number.

    A place is told by a landmark's name or by the grid. Free words stay away: strangers write
    them, and nobody has read them for publication.
    """
    landmarks = set(Landmark.objects.values_list("name", flat=True))
    return [_told(hazard, landmarks) for hazard in hazards]


def _told(hazard, landmarks):
    known = hazard.place in landmarks
    ended = hazard.closed_at
    return {
        "pk": hazard.pk,
        "category": str(hazard.category),
        "seal": hazard.category.seal,
        "place": hazard.place if known else str(hazard.grid or ""),
        "latitude": round(hazard.latitude, DECIMALS) if hazard.has_point else None,
        "longitude": round(hazard.longitude, DECIMALS) if hazard.has_point else None,
        "submitted_at": hazard.submitted_at,
        "closed_at": ended,
        "seconds": (ended - hazard.submitted_at).total_seconds() if ended else None,
        "before": [photo.pk for photo in hazard.shown if not photo.is_repair],
        "after": [photo.pk for photo in hazard.shown if photo.is_repair],
    }
