"""Who may do what with activities, sessions and sign-ups."""

from django.utils.translation import gettext_lazy as _

from stations.access import scope_of

from .models import Activity, Membership


def can_manage(user, activity):
    """Staff of the community and the organiser; of a confidential activity the organiser alone."""
    if not user.is_authenticated:
        return False
    return user.is_superuser or Activity.objects.managed_by(user).filter(pk=activity.pk).exists()


def can_organise(user):
    """Who makes activities at all: community staff and administrators."""
    return user.is_authenticated and (user.is_superuser or bool(scope_of(user).communities))


def can_lead(user, session):
    """The session's leader, and whoever manages the activity."""
    if not user.is_authenticated:
        return False
    activity = session.activity
    is_leader = session.leader_id == user.pk and not activity.is_confidential
    return is_leader or can_manage(user, activity)


def is_member(user, team):
    """Whether the user belongs to the team now."""
    return Membership.objects.current().filter(user_id=user.pk, team=team).exists()


def why_not(user, activity, *, skills_of):
    """The reason in words why this person may not come, or None.

    `skills_of` takes a user and gives the primary keys of the skills in force.
    """
    if activity.team_id and not is_member(user, activity.team):
        return _("只给「%(team)s」的队员。") % {"team": activity.team}
    needed = {skill.pk: skill for skill in activity.skills.all()}
    missing = [needed[pk] for pk in needed.keys() - skills_of(user)] if needed else []
    if missing:
        names = "、".join(str(skill) for skill in missing)
        return _("要先会：%(skills)s。") % {"skills": names}
    return None


def membership_of(user, team):
    """The user's membership or request that has not ended, or None."""
    if not user.is_authenticated:
        return None
    return Membership.objects.filter(user=user, team=team, left_at__isnull=True).first()


def runs_team(user, team):
    """Staff of the team's community."""
    if not user.is_authenticated:
        return False
    return user.is_superuser or team.community_id in scope_of(user).communities


def can_answer(user, team, own):
    """The leader and the staff say yes or no and see everybody; `own` is the user's membership."""
    return bool(own and own.is_leader) or runs_team(user, team)
