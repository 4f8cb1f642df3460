"""What the tests of teams share."""

from django.utils import timezone

from tests.factories.volunteers import TeamFactory
from volunteers.teams.models import Membership


def join(team, user, **fields):
    """A member since a moment ago."""
    return Membership.objects.create(team=team, user=user, joined_at=timezone.now(), **fields)


def volunteers_team(town):
    """志愿服务队, led by the rider."""
    made = TeamFactory(community=town.community, name="红马甲")
    join(made, town.rider, is_leader=True)
    return made


def page(visit, user, team):
    return visit(user).get(team.get_absolute_url()).content.decode()
