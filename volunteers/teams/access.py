"""Who belongs to a team, and who answers those who want to."""

from django.contrib.auth.models import AnonymousUser

from stations.postings.access import serves_community
from volunteers.teams.models import Membership, Team
from yuanhang.core.models import User


def is_member(user: User, team: Team) -> bool:
    """Whether the user belongs to the team now."""
    return Membership.objects.current().filter(user_id=user.pk, team=team).exists()


def membership_of(user: User | AnonymousUser, team: Team) -> Membership | None:
    """The user's membership or request that has not ended, or None."""
    if not user.is_authenticated:
        return None
    return Membership.objects.filter(user=user, team=team, left_at__isnull=True).first()


def can_manage_team(user: User | AnonymousUser, team: Team) -> bool:
    """Whether they are staff of the team's community."""
    return serves_community(user, team.community_id)


def can_answer_asker(user: User | AnonymousUser, team: Team, own: Membership | None) -> bool:
    """The leader and the staff say yes or no and see everybody; `own` is the user's membership."""
    return bool(own and own.is_leader) or can_manage_team(user, team)
