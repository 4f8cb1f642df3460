"""The permission table's rows of the volunteering room; tests/test_permissions.py walks them."""

from tests.factories.activities import ActivityFactory
from tests.roles import OPEN


def activity(town):
    """An announced activity of the community; made once a test."""
    if not hasattr(town, "activity"):
        town.activity = ActivityFactory(community=town.community, organiser=town.staff)
    return town.activity


GET = {
    "volunteers:activity": OPEN,
}

POST = {}

# The arguments of a row's URL, from the role that asks and the town.
ARGUMENTS = {
    "volunteers:activity": lambda role, town: [activity(town).pk],
}
