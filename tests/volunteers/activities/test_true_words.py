"""What is said of coming, and of trainings, holds for who reads it, when they read it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.factories.volunteers import ActivityFactory, riders, session
from tests.volunteers.activities.admin_help import LIST, change, do, on
from volunteers.activities import activities, signups, trainings
from volunteers.skills.models import Course, Skill
from yuanhang.core.outbox.notices import _text

COME = "不用打卡，来了就行"


def page(visit, user, activity):
    return visit(user).get(activity.get_absolute_url()).content.decode()


@pytest.fixture
def place(activity):
    activity.text = "扫雪"
    activity.save()
    return session(activity, maximum=1)


def test_who_has_a_place_just_comes(town, visit, activity, place):
    signups.sign_up(place, by=town.rider)
    assert COME in page(visit, town.rider, activity)


def test_who_has_not_signed_up_signs_up_first(town, visit, activity, place):
    for user in (town.rider, None):
        shown = page(visit, user, activity)
        assert COME not in shown
        assert "先报名；来了不用打卡" in shown


@pytest.mark.parametrize("state", ["waiting", "offered", "pairing"])
def test_who_waits_does_not_come_for_nothing(town, visit, activity, state):
    place = session(activity, maximum=1 if state != "pairing" else 2)
    activity.text = "扫雪"
    activity.save()
    first = riders(1)[0]
    if state != "pairing":
        held = signups.sign_up(place, by=first)
    signups.sign_up(place, by=town.rider, as_pair=state == "pairing")
    if state == "offered":
        signups.leave(held, by=first)
    assert place.signups.get(user=town.rider).state == state
    assert "打卡" not in page(visit, town.rider, activity)


@pytest.mark.parametrize("end", ["cancel", "draft", "close"])
def test_nobody_comes_to_what_is_off(town, visit, activity, place, end):
    if end == "cancel":
        activities.cancel(activity, by=town.staff, reason="下大雪")
    elif end == "close":
        activities.close(activity, by=town.staff)
    else:
        activity.state = "draft"
        activity.save()
    assert "打卡" not in page(visit, town.staff, activity)


def test_a_poster_does_not_invite_to_what_is_off(town, visit, activity, place):
    address = f"{activity.get_absolute_url()}poster/"
    assert "点一下就报名" in visit(None).get(address).content.decode()
    activities.cancel(activity, by=town.staff, reason="下大雪")
    shown = visit(None).get(address).content.decode()
    assert "点一下就报名" not in shown
    assert "取消了：下大雪" in shown


# --- trainings ------------------------------------------------------------------------------


def test_staff_are_warned_of_a_training_without_a_course(town, visit):
    own = ActivityFactory(
        community=town.community, organiser=town.staff, kind="training", state="draft"
    )
    session(own)
    client = visit(town.staff)
    warning = "这个培训没有选课程"
    change(client, on(own), text="急救")
    assert warning in client.get(on(own)).content.decode()
    do(client, own, "publish")
    assert warning in client.get(LIST).content.decode()
    own.course = Course.objects.create(title="急救", parts=1)
    own.save(update_fields=["course"])
    change(client, on(own), text="急救二")
    assert warning not in client.get(on(own)).content.decode()


def test_a_training_whose_sign_up_ended_is_proposed_to_nobody(town):
    skill = Skill.objects.create(name="急救")
    course = Course.objects.create(title="急救", parts=1, skill=skill)
    own = ActivityFactory(community=town.community, organiser=town.staff, kind="training")
    own.course = course
    own.save()
    session(own)
    assert trainings.trainings_for(town.rider, {skill.pk}) == [own]
    own.opens_at = timezone.now() - timedelta(days=2)
    own.closes_at = timezone.now() - timedelta(minutes=1)
    own.save()
    assert trainings.trainings_for(town.rider, {skill.pk}) == []


def test_without_a_class_of_the_course_no_class_is_denied():
    facts = {"skill": "急救", "ended": False, "left": 14, "lesson": None}
    _title, body = _text("volunteers/notices/skill_ends.txt", facts)
    assert "没有排课" not in body
