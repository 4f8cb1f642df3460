"""What staff do with the sessions of an activity: add, change, repeat, remove."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stations.postings.access import community_staff
from volunteers.activities import moves
from volunteers.activities.activities import refuse_closed_by_date
from volunteers.activities.models.activities import Activity
from volunteers.activities.models.sessions import ActivitySession
from volunteers.activities.offers import advance, count, locked
from volunteers.activities.transitions import ACTIVITIES
from yuanhang.core import audit, editing
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.locked_transitions import check, lock_row
from yuanhang.core.models import User
from yuanhang.core.outbox import notices

WEEKS_MAX = 12  # as far ahead as anybody plans


@transaction.atomic
def repeat_weekly(activity: Activity, *, by: User, weeks: int) -> list[ActivitySession]:
    """Add the last week's sessions again for each of the next `weeks` weeks; returns the new ones.

    Local wall time is kept. Raises NotAllowedNowError for less than 1 or more than 12 weeks,
    without a session, once the activity is over, or where signing up ends before the last session.
    """
    if not 1 <= weeks <= WEEKS_MAX:
        raise NotAllowedNowError(_("一次能重复 1 到 12 周。"))
    activity = lock_row(activity)
    check(ACTIVITIES, activity, "repeat_weekly", refusal=_("活动已经结束，复制一份再用。"))
    last = activity.sessions.order_by("-starts_at").first()
    if last is None:
        raise NotAllowedNowError(_("先加一个场次，才能按周重复。"))
    # The new ones come after the last: with an end of the sign-up before it, nobody could take one.
    refuse_closed_by_date(activity, until=last.starts_at)
    pattern = activity.sessions.filter(starts_at__gt=last.starts_at - timedelta(days=7))
    new = [
        session.copied(activity, timedelta(weeks=week))
        for week in range(1, weeks + 1)
        for session in pattern
    ]
    for session in new:
        session.save()
    audit.record("volunteers.repeat_weekly", activity, by=by, changes={"weeks": weeks})
    return new


def create(session: ActivitySession, *, by: User) -> ActivitySession:
    """Add a session to its activity."""
    return editing.create(session, by=by, parent=session.activity)


@transaction.atomic
def remove(session: ActivitySession, *, by: User) -> None:
    """Delete a session that nobody ever signed up for.

    Raises NotAllowedNowError otherwise: what people signed up for is cancelled with a reason.
    """
    session = locked(session.pk)
    if session.signups.exists():
        raise NotAllowedNowError(_("有人报过这一场，不能删；可以取消活动。"))
    editing.remove(session, by=by, parent=session.activity)


@transaction.atomic
def free_leads(user: User, *, by: User) -> None:
    """Sessions that somebody who was deactivated leads, and activities they organise, need another.

    What is over keeps its leader's name; of the rest the staff of the community are told.
    """
    led = ActivitySession.objects.filter(leader=user, ends_at__gt=timezone.now())
    for pk in list(led.order_by("pk").values_list("pk", flat=True)):
        session = locked(pk)
        if session.leader_id != user.pk or session.is_over:
            continue
        session.leader = None
        session.save(update_fields=["leader", "updated_at"])
        audit.record("volunteers.free_lead", session, by=by, parent=session.activity)
        _ask_for_another(session.activity, f"session:{session.pk}:leaderless:{user.pk}")
    over = (Activity.State.FINISHED, Activity.State.CANCELLED)
    for activity in user.organised_activities.exclude(state__in=over).order_by("pk"):
        _ask_for_another(activity, f"activity:{activity.pk}:leaderless:{user.pk}")


def _ask_for_another(activity: Activity, key: str) -> None:
    notices.send(
        community_staff(activity.community),
        "volunteers.staff_leaderless",
        key=key,
        context={"activity": activity},
        url=activity.told_url(),
    )


def edit(
    session: ActivitySession,
    *,
    by: User,
    starts_at: datetime,
    ends_at: datetime,
    minimum: int,
    maximum: int,
    leader: User | None = None,
    part: int | None = None,
) -> tuple[ActivitySession, int]:
    """Change a session; returns (session, how many confirmed people exceed the new maximum).

    Nobody loses their sign-up. What hung on the old time follows (`moves.follow`), free places go
    to the line. `part` of the course stays as it is where none is given. Raises NotAllowedNowError
    as `ActivitySession.edit_obstacle` says, or ValidationError for nonsense.
    """
    with transaction.atomic():
        fresh = locked(session.pk)
        reason = fresh.edit_obstacle(starts_at)
        if reason:
            raise NotAllowedNowError(reason)
        moved = (fresh.starts_at, fresh.ends_at) != (starts_at, ends_at)
        before = {"from": [str(fresh.starts_at), str(fresh.ends_at), fresh.maximum]}
        fresh.starts_at, fresh.ends_at = starts_at, ends_at
        fresh.minimum, fresh.maximum, fresh.leader = minimum, maximum, leader
        fresh.part = fresh.part if part is None else part
        fresh.ceiling = max(maximum, fresh.taken)
        if moved:
            fresh.reminded_at = None
        fresh.full_clean(exclude=["activity"])
        fresh.save()
        event = audit.record("volunteers.edit_session", fresh, by=by, changes=before)
        if moved:
            moves.follow(fresh, key=f"session:{fresh.pk}:moved:{event.pk}", by=by)
        count(fresh)
        advance(fresh)
    return fresh, max(fresh.taken - fresh.maximum, 0)
