"""The permission table's rows of the volunteering room; tests/test_permissions.py walks them."""

from tests.factories.activities import ActivityFactory, TeamFactory
from tests.roles import OPEN, row


def activity(town):
    """An announced activity of the community; made once a test."""
    if not hasattr(town, "activity"):
        town.activity = ActivityFactory(community=town.community, organiser=town.staff)
    return town.activity


def team(town):
    """A team of the community; made once a test."""
    if not hasattr(town, "team"):
        town.team = TeamFactory(community=town.community)
    return town.team


GET = {
    "volunteers:activity": OPEN,
    "volunteers:teams": OPEN,
    "volunteers:team": OPEN,
}

POST = {
    # An empty form; who may do what in a team is told by tests/volunteers/test_teams.py.
    "volunteers:team": row("login" + " 400" * 8 + " login"),
}

# The arguments of a row's URL, from the role that asks and the town.
ARGUMENTS = {
    "volunteers:activity": lambda role, town: [activity(town).pk],
    "volunteers:team": lambda role, town: [team(town).pk],
}
