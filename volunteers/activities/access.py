"""Who may do what with activities, sessions and sign-ups."""

from collections.abc import Callable

from django.contrib.auth.models import AnonymousUser
from django.utils.translation import gettext_lazy as _

from stations.postings.access import community_staff, serves_community
from volunteers.activities.models.activities import Activity
from volunteers.activities.models.sessions import ActivitySession
from volunteers.activities.models.signups import SignUp
from volunteers.teams.access import is_member
from yuanhang.core.models import User

Viewer = User | AnonymousUser


def can_manage(user: Viewer, activity: Activity) -> bool:
    """Staff of the community; of a confidential activity its organiser alone, if still staff."""
    if not user.is_authenticated:
        return False
    return user.is_superuser or Activity.objects.managed_by(user).filter(pk=activity.pk).exists()


def can_lead_alone(user: Viewer, session: ActivitySession) -> bool:
    """Whether the session is theirs to lead; a confidential one is its organiser's."""
    is_own = user.is_authenticated and session.leader_id == user.pk
    return is_own and not session.activity.is_confidential


def can_lead(user: Viewer, session: ActivitySession) -> bool:
    """The session's leader, and whoever manages the activity."""
    return can_lead_alone(user, session) or can_manage(user, session.activity)


def signup_obstacle(
    user: User, activity: Activity, *, skills_of: Callable[[User], set[int]]
) -> str | None:
    """The reason in words why this person may not come, or None.

    `skills_of` takes a user and gives the primary keys of the skills in force.
    """
    if activity.team_id and not is_member(user, activity.team):
        return _("只给「%(team)s」的队员。") % {"team": activity.team}
    needed = {skill.pk: skill for skill in activity.needed_skills()}
    missing = [needed[pk] for pk in needed.keys() - skills_of(user)] if needed else []
    if missing:
        names = "、".join(str(skill) for skill in missing)
        return _("要先会：%(skills)s。") % {"skills": names}
    return None


def can_know_leader(signup: SignUp | None, session: ActivitySession) -> bool:
    """Whether somebody learns whom to look for: those who have a place, and nobody else.

    A leader may be a rider, so the name is for those who will meet. What is confidential is led
    by nobody but its organiser (`can_lead_alone`).
    """
    has_place = signup is not None and signup.state == SignUp.State.CONFIRMED
    return has_place and not session.activity.is_confidential


def responsible_for(session: ActivitySession) -> list[User]:
    """Who looks after a session: its leader, else the organiser, else the community's staff.

    Of a confidential one the organiser alone, who keeps the list.
    """
    activity, leader = session.activity, session.leader
    if leader and leader.is_active and not activity.is_confidential:
        return [leader]
    organiser = activity.organiser
    is_there = organiser.is_active and serves_community(organiser, activity.community_id)
    if is_there or activity.is_confidential:
        return [organiser]
    return list(community_staff(activity.community))


def can_take_roster(user: Viewer, session: ActivitySession) -> bool:
    """Who sees and keeps the list: leader and managers; of a confidential one the organiser."""
    activity = session.activity
    if activity.is_confidential:
        is_organiser = user.is_authenticated and activity.organiser_id == user.pk
        return is_organiser and serves_community(user, activity.community_id)
    return can_lead(user, session)
