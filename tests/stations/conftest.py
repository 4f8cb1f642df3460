"""A chat robot on this machine, and the group it speaks into."""

import pytest

from stations.robots.models import ChatRobot
from tests.stations.robots import robot_server


@pytest.fixture
def server(tmp_path, settings):
    """A robot on this machine, which the settings allow."""
    with robot_server.running(tmp_path) as found:
        settings.ROBOT_HOST, settings.ROBOT_CA_FILE = found.host, found.ca_file
        yield found


@pytest.fixture
def group(town, server):
    """The group of grid six."""
    return ChatRobot.objects.create(grid=town.six, name="六网格群", url=server.url())
