"""Confidential activities whose organiser holds no post any more: nobody else sees who comes."""

from django.db.models import Exists, OuterRef

from stations.postings.access import community_staff
from stations.postings.models import Posting
from volunteers.activities.models.activities import Activity
from volunteers.activities.models.sessions import ActivitySession
from yuanhang.core.models import User
from yuanhang.core.outbox import notices


def notify_of_gone() -> int:
    """Tell staff and administrators once of each; returns how many are new.

    A post ends on a date and not by anybody's deed, so this is looked for. Whoever was deactivated
    is told of at once, by `activity_sessions.free_leads`.
    """
    serves = Posting.objects.current().filter(
        user=OuterRef("organiser"), community=OuterRef("community")
    )
    coming = ActivitySession.objects.coming().filter(activity=OuterRef("pk"))
    rows = Activity.objects.filter(
        ~Exists(serves),
        Exists(coming),
        is_confidential=True,
        state__in=(Activity.State.PUBLISHED, Activity.State.CLOSED),
        organiser__is_active=True,
        organiser__is_superuser=False,
    )
    new = 0
    for activity in rows.select_related("community", "organiser").order_by("pk"):
        new += bool(_notify(activity))
    return new


def _notify(activity: Activity) -> list[object]:
    held = Posting.objects.filter(user=activity.organiser_id, community=activity.community_id)
    # Given a new post and left again, it is news again.
    ended = held.order_by("-end").values_list("end", flat=True).first()
    administrators = User.objects.filter(is_superuser=True, is_active=True)
    made: list[object] = notices.send(
        [*community_staff(activity.community), *administrators],
        "volunteers.staff_organiser_gone",
        key=f"activity:{activity.pk}:organiser:{activity.organiser_id}:{ended}",
        context={"activity": activity},
    )
    return made
