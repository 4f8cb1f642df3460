"""The picture on top of an activity's page."""

from django.db import transaction

from volunteers.activities.models.activities import Activity, ActivityBanner
from yuanhang.core import audit, files
from yuanhang.core.erasures import erasures
from yuanhang.core.media import uploads
from yuanhang.core.media.photos import StoredPhoto
from yuanhang.core.models import User

FOLDER = "volunteers/banners"


def set_banner(activity: Activity, photo: StoredPhoto | None, *, by: User) -> None:
    """Put a photo on top, or with None take the picture away; old files go at commit."""
    with files.undone_on_failure() as written, transaction.atomic():
        # The row of the activity, so that two pictures at once do not meet.
        Activity.objects.select_for_update(no_key=True).get(pk=activity.pk)
        erasures.delete(ActivityBanner.objects.filter(activity=activity))
        if photo is not None:
            stored = uploads.store_photo(FOLDER, photo, written)
            ActivityBanner.objects.create(activity=activity, **stored)
        audit.record("volunteers.banner", activity, by=by, changes={"set": photo is not None})
