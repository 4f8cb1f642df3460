"""愿意收活动通知: one word of a new activity to those who asked for it, outside quiet hours."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from volunteers.activities import quiet_hours
from volunteers.activities.models.activities import Activity
from volunteers.teams.models import Membership
from workers.models import Worker
from yuanhang.core.outbox import notices

# After an outage the oldest come first and the rest with the next runs.
ACTIVITIES_A_RUN = 20


def announce(now: datetime | None = None) -> int:
    """Tell of the activities that were published and not told of; returns how many.

    One that is confidential is told to nobody, one of a team to the team. What nobody can sign up
    for any more is stamped and not told.
    """
    now = now or timezone.now()
    new = Activity.objects.filter(state=Activity.State.PUBLISHED, told_at=None, opens_at__lte=now)
    keys = new.order_by("pk").values_list("pk", flat=True)[:ACTIVITIES_A_RUN]
    return sum(_announce(pk, now) for pk in list(keys))


@transaction.atomic
def _announce(pk: int, now: datetime) -> bool:
    """Whether it was told now; under its lock, so twins of the job do no harm."""
    activity = Activity.objects.select_for_update(of=("self",)).get(pk=pk)
    if activity.told_at or not activity.is_open:
        return False
    session = activity.sessions.filter(starts_at__gt=now).order_by("starts_at").first()
    if session and quiet_hours.tell_at(now, session.starts_at) > now:
        return False
    if session and not activity.is_confidential:
        notices.send(
            _interested(activity),
            "volunteers.announced",
            key=f"activity:{activity.pk}:announced",
            context={"activity": activity, "session": session},
            url=activity.get_absolute_url(),
        )
    activity.told_at = now
    activity.save(update_fields=["told_at", "updated_at"])
    return bool(session)


def _interested(activity):
    """The keys of those who asked for it: of the community, of a team's activity its members."""
    people = Worker.objects.filter(wants_activity_notices=True, user__is_active=True)
    if activity.team_id:
        members = Membership.objects.current().filter(team=activity.team_id).values("user")
        people = people.filter(user__in=members)
    else:
        people = people.filter(community=activity.community_id)
    return list(people.exclude(user=activity.organiser_id).values_list("user_id", flat=True))
