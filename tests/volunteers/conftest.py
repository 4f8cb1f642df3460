"""People whom several tests of this room need."""

import pytest

from tests.factories.people import UserFactory, post


@pytest.fixture
def colleague(town):
    """A second member of the community's staff."""
    person = UserFactory(is_staff=True)
    post(person, "community_staff", town.community)
    return person
