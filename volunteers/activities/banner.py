"""The picture on top of an activity's page."""

from volunteers.activities.models.activities import Activity, ActivityBanner
from yuanhang.core import audit, files
from yuanhang.core.erasures import erasures
from yuanhang.core.media import uploads
from yuanhang.core.media.photos import StoredPhoto
from yuanhang.core.models import User

FOLDER = "volunteers/banners"


def set_banner(activity: Activity, photo: StoredPhoto | None, *, by: User) -> None:
    """Put a photo on top, or with None take the picture away; old files go at commit."""
    with files.stored_with_rows() as stored:
        # The row of the activity, so that two pictures at once do not meet.
        Activity.objects.select_for_update(no_key=True).get(pk=activity.pk)
        erasures.delete(ActivityBanner.objects.filter(activity=activity))
        if photo is not None:
            columns = uploads.store_photo(FOLDER, photo, stored)
            ActivityBanner.objects.create(activity=activity, **columns)
        audit.record("volunteers.banner", activity, by=by, changes={"set": photo is not None})
