"""Somebody cannot come: asked once, and whoever looks after the session hears of it."""

import re

import pytest

from tests.factories.volunteers import ActivityFactory, riders, session
from volunteers.activities import signups
from volunteers.activities.models.signups import SignUp
from yuanhang.core import people
from yuanhang.core.outbox.models import Notice


@pytest.fixture
def place(town, activity):
    """A session led by the stranger, with four people of whom two are the fewest."""
    made = session(activity, maximum=5, minimum=2, leader=town.stranger)
    for person in riders(4):
        signups.sign_up(made, by=person)
    return made


def leave(place):
    signup = place.signups.confirmed().order_by("pk").first()
    signups.leave(signup, by=signup.user)
    return signup


def told(person):
    return list(Notice.objects.filter(recipient=person).order_by("pk"))


def test_the_leader_hears_who_cannot_come_and_how_many_do(town, place):
    signup = leave(place)
    [notice] = told(town.stranger)
    assert notice.title == f"有人来不了：{place.activity}"
    assert f"{signup.user}来不了，现在 3 人会来。" in notice.body
    assert notice.url == place.get_roster_url()


def test_below_the_minimum_it_says_how_many_are_missing(town, place):
    for _ in range(3):
        leave(place)
    titles = [notice.title[:3] for notice in told(town.stranger)]
    assert titles == ["有人来", "有人来", "人不够"]
    assert "还差 1 人成行" in told(town.stranger)[-1].body
    assert Notice.objects.unread().filter(recipient=town.stranger).count() == 1


def test_a_lost_offer_or_a_place_in_the_line_is_no_news(town, activity):
    place = session(activity, maximum=1, leader=town.stranger)
    first, second, third = [signups.sign_up(place, by=person) for person in riders(3)]
    signups.leave(third, by=third.user)
    assert told(town.stranger) == []
    signups.leave(first, by=first.user)
    second.refresh_from_db()
    assert second.state == "offered"
    before = len(told(town.stranger))
    signups.leave(second, by=second.user)
    assert len(told(town.stranger)) == before == 1


def test_without_a_leader_the_organiser_hears_it_and_a_leader_not_of_himself(town, place):
    signups.sign_up(place, by=town.stranger)
    own = SignUp.objects.get(user=town.stranger)
    signups.leave(own, by=town.stranger)
    assert "volunteers.withdrawn" not in {notice.kind for notice in told(town.stranger)}
    place.leader = None
    place.save()
    leave(place)
    assert [notice.kind for notice in told(town.staff)] == ["volunteers.withdrawn"]


def test_a_deactivation_takes_somebody_away_too(town, place):
    signup = place.signups.confirmed().order_by("pk").first()
    people.deactivate(signup.user, by=town.admin)
    assert [notice.kind for notice in told(town.stranger)] == ["volunteers.withdrawn"]


def test_of_a_confidential_one_nobody_is_named_and_the_organiser_alone_hears(town):
    own = ActivityFactory(
        community=town.community, organiser=town.staff, is_confidential=True, title="心理咨询"
    )
    place = session(own, leader=town.stranger)
    signup = signups.sign_up(place, by=town.rider)
    signups.leave(signup, by=town.rider)
    assert told(town.stranger) == []
    [notice] = told(town.staff)
    for words in (str(town.rider), "心理"):
        assert words not in notice.title + notice.body


@pytest.mark.parametrize(
    ("state", "first", "second"),
    [("confirmed", "来不了", "确定来不了"), ("waiting", "不排了", "确定不排")],
)
def test_the_page_asks_once(town, activity, visit, state, first, second):
    place = session(activity, maximum=1)
    if state == "waiting":
        signups.sign_up(place, by=riders(1)[0])
    signups.sign_up(place, by=town.rider)
    shown = visit(town.rider).get(activity.get_absolute_url()).content.decode()
    asked = re.search(r"<details class=\"ask-once\">(.*?)</details>", shown, re.S)[1]
    summary, rest = asked.split("</summary>")
    assert first in summary
    assert second in rest
    assert f"/{place.pk}/leave/" in rest
    assert "/leave/" not in shown.replace(asked, "")
