"""A late session and an early one after it: a sentence, and no refusal."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from tests.factories.volunteers import ActivityFactory
from volunteers.activities import signups
from volunteers.activities.models.sessions import ActivitySession


@pytest.fixture
def activity(town):
    return ActivityFactory(community=town.community, organiser=town.staff, title="夜里巡河")


def at(days, hour, minute=0):
    day = timezone.localdate() + timedelta(days=days)
    return timezone.make_aware(datetime(day.year, day.month, day.day, hour, minute))


def between(activity, start, end):
    return ActivitySession.objects.create(
        activity=activity, starts_at=start, ends_at=end, maximum=5, minimum=1
    )


@pytest.mark.parametrize(
    ("late", "early", "is_said"),
    [
        ((at(3, 20), at(3, 22, 30)), at(4, 6, 29), True),
        ((at(3, 20), at(3, 22, 30)), at(4, 6, 30), False),  # eight hours exactly
        ((at(3, 18), at(3, 20, 59)), at(3, 22), False),  # not late
        ((at(3, 19), at(3, 21)), at(4, 4, 59), True),
    ],
)
def test_less_than_eight_hours_after_a_late_one_are_said(
    town, visit, activity, late, early, is_said
):
    signups.sign_up(between(activity, *late), by=town.rider)
    other = ActivityFactory(community=town.community, organiser=town.staff, title="早市")
    morning = between(other, early, early + timedelta(hours=1))
    client = visit(town.rider)
    page = client.get(other.get_absolute_url()).content.decode()
    assert ("歇不够 8 小时" in page) is is_said
    client.post(f"/volunteers/sessions/{morning.pk}/sign-up/")
    assert morning.signups.filter(user=town.rider, state="confirmed").exists()
    # Somebody else had a rest.
    assert "歇不够" not in visit(town.staff).get(other.get_absolute_url()).content.decode()
