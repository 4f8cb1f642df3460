"""The picture on top of an activity's page."""

from django.core.files.storage import default_storage
from django.db import transaction

from volunteers.models import Activity, ActivityCover
from yuanhang.core import audit, files


def set_cover(activity, photo, *, by):
    """Put a `StoredPhoto` on top, or with None take the picture away; old files go at commit."""
    written = []

    def put(folder, data):
        written.append(files.save_bytes(default_storage, folder, "jpg", data))
        return written[-1]

    try:
        with transaction.atomic():
            # The row of the activity, so that two pictures at once do not meet.
            Activity.objects.select_for_update(no_key=True).get(pk=activity.pk)
            for old in ActivityCover.objects.filter(activity=activity):
                names = [old.image.name, old.thumbnail.name]
                old.delete()
                transaction.on_commit(lambda names=names: _remove(names))
            if photo is not None:
                ActivityCover.objects.create(
                    activity=activity,
                    image=put("volunteers/covers", photo.data),
                    thumbnail=put("volunteers/covers", photo.thumbnail),
                    width=photo.width,
                    height=photo.height,
                )
            audit.record("volunteers.cover", activity, by=by, changes={"set": photo is not None})
    except BaseException:
        _remove(written)  # the database rolls back by itself, the disk does not
        raise


def _remove(names):
    for name in names:
        default_storage.delete(name)
