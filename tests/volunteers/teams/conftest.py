"""What the tests of this room share."""

import pytest

from tests.factories.volunteers import TeamFactory
from tests.volunteers.teams.teams_help import join, volunteers_team
from volunteers.teams.models import Team


@pytest.fixture
def team(town):
    """先锋队伍, led by the rider, who shows nothing."""
    made = TeamFactory(community=town.community, name="先锋骑手队", kind=Team.Kind.VANGUARD)
    join(made, town.rider, is_leader=True)
    return made


@pytest.fixture
def open_team(town):
    """As `volunteers_team`."""
    return volunteers_team(town)


@pytest.fixture
def send(visit):
    """`send(user, team, "ask")`: press a button, follow to where it leads; the page's words."""

    def press(user, team, act, member=None):
        data = {"act": act} | ({"member": member.pk} if member else {})
        return visit(user).post(team.get_absolute_url(), data, follow=True)

    return press
