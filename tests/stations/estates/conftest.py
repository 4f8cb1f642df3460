"""An estate, riders who are confirmed, and a clock."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from stations.postings.models import Posting
from tests.factories.stations import EstateFactory
from tests.factories.workers import UserFactory, WorkerFactory

NOON = datetime(2026, 11, 23, 12, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def clock(monkeypatch, town):
    """`clock(days=180)` is that long after noon of the 23rd."""
    # Whatever the day is on which this runs, people hold their posts by then.
    Posting.objects.update(start=date(2026, 11, 1))

    def at(**later):
        monkeypatch.setattr(timezone, "now", lambda: NOON + timedelta(**later))

    at()
    return at


@pytest.fixture
def estate(town):
    return EstateFactory(community=town.community, name="示意小区甲", slug="e-jia")


@pytest.fixture
def riders(town):
    """Four whom staff have confirmed, of another community: they ride everywhere."""
    people = [UserFactory() for _ in range(4)]
    for person in people:
        WorkerFactory(user=person, community=town.other, confirmed_at=timezone.now())
    return people
