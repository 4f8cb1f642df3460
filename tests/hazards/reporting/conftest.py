"""What the tests of this room share."""

import pytest

from hazards.cases.models.attachments import HazardPhoto, HazardVoice
from hazards.cases.models.hazards import Hazard
from hazards.cases.models.numbers import NumberCounter
from yuanhang.core.models import AuditEvent
from yuanhang.core.outbox.models import Notice


@pytest.fixture
def nothing_saved(town, stored_files):
    """Fails unless the database and the disk are as they were before any report."""

    def check():
        models = (Hazard, HazardPhoto, HazardVoice, Notice, AuditEvent, NumberCounter)
        assert {model.__name__: model.objects.count() for model in models} == {
            model.__name__: 0 for model in models
        }
        # What waits for the next try of its form is nobody's report.
        assert [path for path in stored_files() if "drafts" not in path.parts] == []

    return check
