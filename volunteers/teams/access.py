"""Who may do what with activities, sessions and sign-ups."""

from stations.postings.access import serves_community
from volunteers.teams.models import Membership


def is_member(user, team):
    """Whether the user belongs to the team now."""
    return Membership.objects.current().filter(user_id=user.pk, team=team).exists()


def membership_of(user, team):
    """The user's membership or request that has not ended, or None."""
    if not user.is_authenticated:
        return None
    return Membership.objects.filter(user=user, team=team, left_at__isnull=True).first()


def can_manage_team(user, team):
    """Staff of the team's community."""
    return serves_community(user, team.community_id)


def can_answer_asker(user, team, own):
    """The leader and the staff say yes or no and see everybody; `own` is the user's membership."""
    return bool(own and own.is_leader) or can_manage_team(user, team)
