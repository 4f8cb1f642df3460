"""Who is only being asked is not counted as coming, wherever people are counted."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from tests.factories.volunteers import ActivityFactory, riders, session
from tests.volunteers.activities.admin_help import at, on
from tests.volunteers.record.reading import text_of
from volunteers.activities import offers, signups
from volunteers.activities.models.sessions import ActivitySession
from volunteers.activities.models.signups import SignUp

ASKED = "1 个名额正在问下一位"


@pytest.fixture
def place(town):
    """Three places: two are confirmed, and somebody is being asked about the third."""
    activity = ActivityFactory(community=town.community, organiser=town.staff, title="大集疏导")
    made = session(activity, minimum=3, maximum=3)
    people = riders(4)
    taken = [signups.sign_up(made, by=person) for person in people]
    signups.leave(taken[0], by=people[0])
    made.refresh_from_db()
    made.asked = taken[3]
    return made


def counts(place):
    fresh = ActivitySession.objects.get(pk=place.pk)
    return fresh.taken, fresh.offered, fresh.confirmed, fresh.left


def test_the_page_says_who_comes_and_who_is_asked(town, visit, place):
    url = place.activity.get_absolute_url()
    shown = text_of(visit(town.stranger).get(url))
    assert f"2 / 3 人 · {ASKED} · 再来 1 人就能成行" in shown
    assert "满了，可候补" in shown
    signups.accept_offer(place.asked, by=place.asked.user)
    shown = text_of(visit(town.stranger).get(url))
    assert "3 / 3 人" in shown
    assert "正在问" not in shown
    assert "成行" not in shown


def test_the_admin_says_the_same(town, visit, place):
    client = visit(town.staff)
    for url in ("/admin/volunteers/activitysession/", at(place), on(place.activity)):
        assert f"2 / 3 人 · {ASKED}" in client.get(url).content.decode(), url


def test_the_count_follows_every_end_of_an_offer(place):
    assert counts(place) == (3, 1, 2, 0)
    signups.accept_offer(place.asked, by=place.asked.user)
    assert counts(place) == (3, 0, 3, 0)


@pytest.mark.parametrize("end", ["leave", "lapse", "deactivate"])
def test_an_offer_that_comes_to_nothing_is_counted_no_more(town, place, end):
    if end == "leave":
        signups.leave(place.asked, by=place.asked.user)
    elif end == "lapse":
        SignUp.objects.filter(pk=place.asked.pk).update(offered_until=timezone.now())
        offers.lapse_offers()
    else:
        signups.free_all(place.asked.user, by=town.admin)
    assert counts(place) == (2, 0, 2, 1)


def test_no_more_is_offered_than_is_taken(place):
    broken = pytest.raises(IntegrityError, match="session_offers_are_taken")
    with broken, transaction.atomic():
        ActivitySession.objects.filter(pk=place.pk).update(offered=4)
