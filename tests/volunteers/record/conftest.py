"""What the tests of this room share."""

import pytest

from tests.factories.volunteers import SkillFactory
from volunteers.skills.models import Course


@pytest.fixture
def skill(db):
    return SkillFactory(name="应急救援", valid_days=365)


@pytest.fixture
def course(skill):
    return Course.objects.create(title="应急救援课", parts=2, skill=skill)
