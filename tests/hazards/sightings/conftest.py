"""What the tests of this room share."""

import pytest

from tests.factories.hazards import advance, report
from tests.factories.workers import UserFactory, WorkerFactory


@pytest.fixture
def open_case(town):
    return report(town.six, by=town.rider)


@pytest.fixture
def closed_case(town):
    return advance(
        report(town.six, by=town.rider), "closed", reviewer=town.grid_worker, officer=town.officer
    )


@pytest.fixture
def passer(town):
    """Another registered rider of the community."""
    return WorkerFactory(user=UserFactory(), community=town.community).user
