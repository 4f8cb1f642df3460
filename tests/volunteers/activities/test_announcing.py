"""愿意收活动通知 does what it says: one word of a new activity, to those who asked."""

import threading
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from tests.factories.volunteers import ActivityFactory, TeamFactory, session
from tests.factories.workers import WorkerFactory
from tests.threads import at_once
from volunteers.activities import announcing
from volunteers.teams.models import Membership
from yuanhang.core.outbox.models import Notice


def clock(hour):
    day = timezone.localdate() + timedelta(days=1)
    return datetime(day.year, day.month, day.day, hour, tzinfo=timezone.get_current_timezone())


@pytest.fixture
def activity(town):
    made = ActivityFactory(community=town.community, organiser=town.staff, title="大集疏导")
    session(made, hours=96)
    return made


@pytest.fixture
def asked(town):
    return WorkerFactory(community=town.community, wants_activity_notices=True)


def told():
    rows = Notice.objects.filter(kind="volunteers.announced")
    return list(rows.order_by("pk").values_list("recipient", flat=True))


def test_it_is_told_once_to_those_who_asked(town, activity, asked):
    WorkerFactory(community=town.community)
    WorkerFactory(community=town.other, wants_activity_notices=True)
    assert announcing.announce(clock(10)) == 1
    assert announcing.announce(clock(15)) == 0
    assert told() == [asked.user_id]
    notice = Notice.objects.get(kind="volunteers.announced")
    assert notice.title == "新活动：大集疏导"
    assert notice.url == activity.get_absolute_url()


@pytest.mark.parametrize("hour", [12, 18, 23])
def test_nobody_is_told_at_meal_peaks_or_at_night(activity, asked, hour):
    assert announcing.announce(clock(hour)) == 0
    assert told() == []
    assert announcing.announce(clock(14 if hour == 12 else 21) if hour != 23 else clock(8)) == 1


def test_a_draft_one_that_is_confidential_and_one_without_a_session_are_told_to_nobody(
    town, activity, asked
):
    activity.is_confidential = True
    activity.save()
    ActivityFactory(community=town.community, state="draft")
    ActivityFactory(community=town.community)
    announcing.announce(clock(10))
    assert told() == []


def test_a_teams_activity_is_told_to_the_team(town, activity, asked):
    team = TeamFactory(community=town.community)
    activity.team = team
    activity.save()
    member = WorkerFactory(community=town.other, wants_activity_notices=True)
    Membership.objects.create(team=team, user=member.user, joined_at=timezone.now())
    announcing.announce(clock(10))
    assert told() == [member.user_id]


def test_what_is_not_open_yet_waits(activity, asked):
    activity.opens_at = clock(11)
    activity.save()
    assert announcing.announce(clock(10)) == 0
    assert told() == []


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_tell_once(activity, asked):
    now = clock(10)
    assert sorted(at_once(lambda: announcing.announce(now))) == [0, 1]
    assert told() == [asked.user_id]


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_both_would_say_that_they_told(activity, asked, monkeypatch):
    """The negative control: read without the lock, the other's stamp is not seen."""
    now, rows = clock(10), announcing.Activity.objects
    monkeypatch.setattr(rows, "select_for_update", lambda **_options: rows.filter(told_at=None))
    original = announcing._interested
    both = threading.Barrier(2)

    def interested(one):
        both.wait(timeout=20)
        return original(one)

    monkeypatch.setattr(announcing, "_interested", interested)
    assert at_once(lambda: announcing.announce(now)) == [1, 1]
