"""What the tests of this room share."""

import pytest

from tests.factories.volunteers import ActivityFactory


@pytest.fixture
def activity(town):
    return ActivityFactory(community=town.community, organiser=town.staff)
