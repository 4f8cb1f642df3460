"""What the tests of this room share."""

import pytest

from hazards.cases.attachments import Attachments
from tests import media
from tests.factories.hazards import advance, report, stored_photo, stored_voice
from tests.factories.stations import LandmarkFactory
from yuanhang.core.geo import Point


@pytest.fixture
def fixed_case(town):
    """A closed case of the rider's with one picture, told in words that name people."""
    LandmarkFactory(community=town.community, name="大集东口")
    hazard = report(
        town.six,
        by=town.rider,
        place="张三家门口",
        description="张三的车压坏的",
        point=Point(46.5451234, 124.9447654, 12),
        contact_name="李四",
        contact_phone="10000012345",
        attachments=Attachments(
            photos=[stored_photo(media.jpeg(800, 600))], voices=[stored_voice(media.wav(1.0))]
        ),
    )
    return advance(hazard, "closed", reviewer=town.grid_worker, officer=town.officer)
