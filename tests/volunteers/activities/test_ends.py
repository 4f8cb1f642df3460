"""What hangs on a sign-up, a pledge or a post when it ends another way than the happy one."""

from datetime import timedelta

import pytest
from django.utils import timezone

from stations.postings import postings
from stations.postings.models import Posting
from tests.factories.volunteers import ActivityFactory, held, riders, session
from tests.volunteers.errands.errands_help import errand
from volunteers.activities import activities, offers, pledges, signups
from volunteers.activities.access import can_manage, can_take_roster
from volunteers.activities.models.activities import Activity
from volunteers.errands import errands
from volunteers.record import attendance
from yuanhang.core.models import User
from yuanhang.core.outbox.models import Notice

HOUR = timedelta(hours=1)


def kinds(person):
    rows = Notice.objects.filter(recipient=person).order_by("pk")
    return list(rows.values_list("kind", flat=True))


def begin(place):
    place.starts_at, place.ends_at = timezone.now() - HOUR / 2, timezone.now() + HOUR
    place.save()


def test_who_waits_when_it_begins_hears_that_it_was_not_their_turn(activity):
    place = session(activity, maximum=1)
    a, b, c = riders(3)
    signups.sign_up(place, by=a)
    waiting = signups.sign_up(place, by=b)
    pairing = signups.sign_up(place, by=c, as_pair=False)
    assert offers.end_lines() == 0
    begin(place)
    assert offers.end_lines() == 2
    assert offers.end_lines() == 0
    for signup in (waiting, pairing):
        signup.refresh_from_db()
        assert signup.state == "cancelled"
    assert [kinds(person)[-1] for person in (a, b, c)] == [
        "volunteers.confirmed",
        "volunteers.line_ended",
        "volunteers.line_ended",
    ]


def test_who_waits_for_a_companion_hears_it_too(activity):
    place = session(activity)
    [a] = riders(1)
    signups.sign_up(place, by=a, as_pair=True)
    begin(place)
    offers.end_lines()
    assert "同伴没有加入" in Notice.objects.get(recipient=a).body


def test_after_an_outage_nobody_hears_of_old_lines(activity):
    place = session(activity, maximum=1)
    for person in riders(2):
        signups.sign_up(place, by=person)
    place.starts_at = timezone.now() - 30 * HOUR
    place.ends_at = timezone.now() - 29 * HOUR
    place.save()
    assert offers.end_lines() == 0


@pytest.fixture
def pledging(activity):
    activity.pledge_item, activity.pledge_target = "树苗", 80
    activity.save()
    session(activity)
    return activity


def test_whoever_promised_goods_hears_that_it_is_off(town, pledging):
    pledges.pledge(pledging, by=town.rider, quantity=2)
    activities.cancel(pledging, by=town.staff, reason="下大雪")
    assert kinds(town.rider) == ["volunteers.cancelled"]


def test_whoever_promised_goods_hears_of_another_place_once(town, pledging):
    both = riders(1)[0]
    signups.sign_up(pledging.sessions.get(), by=both)
    for person in (both, town.rider):
        pledges.pledge(pledging, by=person, quantity=2)
    before, pledging.place = pledging.place, "西门"
    activities.edit(pledging, by=town.staff, fields=["place"], place_before=before)
    assert kinds(both)[-1] == "volunteers.place"
    assert kinds(town.rider) == ["volunteers.place_pledge"]


# --- posts that ended -----------------------------------------------------------------------


def ended_post(town, user):
    posting = Posting.objects.get(user=user)
    posting.start = timezone.localdate() - timedelta(days=9)
    posting.end = timezone.localdate() - timedelta(days=1)
    postings.edit(posting, by=town.admin)
    return User.objects.get(pk=user.pk)


@pytest.mark.parametrize("is_confidential", [False, True])
def test_whose_post_ended_organises_nothing_any_more(town, is_confidential):
    own = ActivityFactory(
        community=town.community, organiser=town.staff, is_confidential=is_confidential
    )
    place = held(own, [town.rider], days=0)
    assert can_manage(town.staff, own)
    assert can_take_roster(town.staff, place)
    former = ended_post(town, town.staff)
    assert not can_manage(former, own)
    assert not can_take_roster(former, place)
    assert not place.signups.visible_to(former).exists()
    assert not Activity.objects.managed_by(former).exists()


def test_the_list_is_asked_of_those_who_still_serve(town, colleague):
    own = ActivityFactory(community=town.community, organiser=town.staff)
    held(own, [town.rider], days=0)
    ended_post(town, town.staff)
    attendance.ask_leaders()
    assert kinds(town.staff) == []
    assert kinds(colleague) == ["volunteers.ask_roster"]


# --- errands --------------------------------------------------------------------------------


def test_an_errand_that_was_not_done_after_all_can_be_taken_again(town):
    one = errand(town)
    claim = errands.claim(one, by=town.rider)
    errands.finish(claim, by=town.rider)
    one.refresh_from_db()
    one.due_on = timezone.localdate() - timedelta(days=2)
    one.save()
    errands.reject_done(one, by=town.staff)
    again = errands.claim(one, by=town.stranger)
    assert again.is_live
