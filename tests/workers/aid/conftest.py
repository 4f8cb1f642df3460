"""What the tests of confidential requests share."""

import pytest

from tests.factories.workers import UserFactory, WorkerFactory
from tests.workers.aid.aid_help import SECRET
from workers.aid import aid
from workers.aid.models import AidDesk


@pytest.fixture
def desk(town):
    """Somebody to be asked, and a deputy."""
    return AidDesk.objects.create(
        community=town.community, handler=UserFactory(), deputy=UserFactory()
    )


@pytest.fixture
def worker(town):
    return WorkerFactory(community=town.community)


@pytest.fixture
def asked(desk, worker):
    return aid.ask(worker, text=SECRET, reach="晚上打电话")
