"""A post that ends by its date leaves a confidential activity to nobody: that is told."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.factories.volunteers import ActivityFactory, session
from tests.factories.workers import UserFactory, post
from volunteers.activities import tasks
from volunteers.activities.models.activities import Activity
from yuanhang.core import people

KIND = "volunteers.staff_organiser_gone"


@pytest.fixture
def colleague(town):
    """Another member of the same staff."""
    user = UserFactory(is_staff=True)
    post(user, "community_staff", town.community)
    return user


@pytest.fixture
def activity(town):
    """A confidential one with a session to come."""
    made = ActivityFactory(
        community=town.community, organiser=town.staff, title="法律咨询", is_confidential=True
    )
    session(made)
    return made


def ends(town, days=-1):
    """The organiser's post ended so many days from today."""
    end = timezone.localdate() + timedelta(days=days)
    town.staff.postings.update(start=end - timedelta(days=30), end=end)


def told(*users):
    return [user.notices.filter(kind=KIND).count() for user in users]


def test_staff_and_administrators_are_told_once(town, activity, colleague):
    assert tasks.look_for_organisers() == 0
    ends(town, 0)
    assert tasks.look_for_organisers() == 0  # the last day
    ends(town)
    assert tasks.look_for_organisers() == 1
    assert tasks.look_for_organisers() == 0
    assert told(colleague, town.admin, town.staff, town.other_staff) == [1, 1, 0, 0]
    notice = colleague.notices.get(kind=KIND)
    assert "保密活动没人管了" in notice.title
    assert f"第 {activity.pk} 号活动" in notice.body
    assert "法律咨询" not in notice.title + notice.body


def test_a_post_in_another_community_is_none_here(town, activity, colleague):
    ends(town)
    post(town.staff, "community_staff", town.other)
    assert tasks.look_for_organisers() == 1


@pytest.mark.parametrize("case", ["public", "over", "past", "again", "admin", "deactivated"])
def test_nobody_is_told_where_nothing_is_amiss(town, activity, colleague, case):
    ends(town)
    if case == "public":
        Activity.objects.update(is_confidential=False)
    elif case == "over":
        Activity.objects.update(state="finished")
    elif case == "past":
        past = timezone.now() - timedelta(hours=3)
        activity.sessions.update(starts_at=past - timedelta(hours=1), ends_at=past)
    elif case == "again":
        post(town.staff, "community_staff", town.community)
    elif case == "admin":
        type(town.staff).objects.filter(pk=town.staff.pk).update(is_superuser=True)
    else:
        people.deactivate(town.staff, by=town.admin)  # told at once, in other words
        assert colleague.notices.filter(kind="volunteers.staff_leaderless").exists()
    assert tasks.look_for_organisers() == 0
    assert told(colleague, town.admin) == [0, 0]


def test_who_comes_back_and_leaves_again_is_news(town, activity, colleague):
    ends(town, -9)
    tasks.look_for_organisers()
    ends(town, -1)
    assert tasks.look_for_organisers() == 1
    assert told(colleague) == [2]
