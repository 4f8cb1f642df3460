"""What waits for somebody is the first card of their front page, with its button."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.factories.volunteers import ActivityFactory, held, riders, searched, session
from tests.volunteers.errands.errands_help import errand
from volunteers.activities import quiet_hours, signups
from volunteers.activities.cards import held_by
from volunteers.activities.models.signups import SignUp
from volunteers.errands import errands
from volunteers.record import attendance, certificates
from volunteers.record.models.certificates import Certificate
from workers import workers

SIGNED = {"person_in_charge": "主任（演示）", "contact": "0459-0000000"}


@pytest.fixture
def activity(town):
    return ActivityFactory(community=town.community, organiser=town.staff, title="扫雪")


def offered(person, activity, **fields):
    place = session(activity, maximum=1, **fields)
    first = riders(1)[0]
    taken = signups.sign_up(place, by=first)
    signup = signups.sign_up(place, by=person)
    signups.leave(taken, by=first)
    signup.refresh_from_db()
    assert signup.state == "offered"
    return signup


def front(visit, user):
    return visit(user).get("/").content.decode()


def cards(page):
    """The titles of the cards in their order."""
    found = re.findall(r"waiting-card.*?<h2>(.*?)</h2>", page, re.S)
    return [re.sub(r"<[^>]+>", "", title).strip() for title in found]


@pytest.mark.parametrize("is_quiet", [False, True])
def test_an_offer_comes_first_and_one_tap_takes_it(town, visit, activity, monkeypatch, is_quiet):
    workers.confirm(town.rider.worker, by=town.staff)
    searched(town)
    later = timezone.now() + timedelta(hours=9)
    monkeypatch.setattr(quiet_hours, "quiet_until", lambda at: later if is_quiet else None)
    if is_quiet:
        monkeypatch.setattr(quiet_hours, "held_until", lambda at, starts: later)
    signup = offered(town.rider, activity)
    assert (signup.tell_at is not None) == is_quiet
    shown = front(visit, town.rider)
    assert cards(shown) == ["扫雪，轮到你了"]
    assert shown.index("waiting-card") < shown.index("有人走失")
    action = re.search(r'method="post" action="([^"]+/accept/)"', shown)[1]
    fields = dict(re.findall(r'type="hidden" name="(seen|next)" value="([^"]+)"', shown))
    answer = visit(town.rider).post(action, fields)
    assert answer.url == f"{activity.get_absolute_url()}#session-{signup.session_id}"
    signup.refresh_from_db()
    assert signup.state == "confirmed"
    assert cards(front(visit, town.rider)) == []


def test_an_offer_can_be_refused_from_the_card_and_is_asked_once(town, visit, activity):
    signup = offered(town.rider, activity)
    shown = front(visit, town.rider)
    card = shown[shown.index("waiting-card") : shown.index("</section>")]
    assert "还剩" in card
    assert card.index("这次不去") < card.index("名额马上给下一位") < card.index("确定不去")
    refusal = re.search(r'action="([^"]+/leave/)"', card)[1]
    visit(town.rider).post(refusal, {"seen": signup.pk})
    signup.refresh_from_db()
    assert signup.state == "cancelled"
    assert cards(front(visit, town.rider)) == []


def test_one_filled_button_is_enough(town, visit, activity):
    offered(town.rider, activity)
    errands.claim(errand(town), by=town.rider)
    shown = front(visit, town.rider)
    assert len(cards(shown)) == 2
    assert shown.count("btn-primary") == 1
    assert "hero is-quiet" in shown
    assert "hero is-quiet" not in front(visit, town.stranger)


def test_an_offered_place_is_not_the_next_session(town, visit, activity):
    signup = offered(town.rider, activity)
    assert held_by(town.rider).next_session is None
    signups.accept_offer(signup, by=town.rider)
    assert held_by(town.rider).next_session == signup.session


def test_an_offer_whose_time_is_over_is_no_card_before_the_job_either(town, visit, activity):
    signup = offered(town.rider, activity)
    SignUp.objects.filter(pk=signup.pk).update(offered_until=timezone.now())
    assert cards(front(visit, town.rider)) == []


def test_a_confidential_offer_is_not_named_over_a_shoulder(town, visit, activity):
    activity.is_confidential = True
    activity.save()
    offered(town.rider, activity)
    shown = front(visit, town.rider)
    assert cards(shown) == ["庆小驿的活动，轮到你了"]
    assert "扫雪" not in shown


def test_an_errand_in_hand_says_until_when(town, visit):
    one = errand(town)
    claim = errands.claim(one, by=town.rider)
    shown = front(visit, town.rider)
    assert cards(shown) == [f"你手上有一件：{one.title}"]
    assert "能延一次" in shown
    assert one.person_name not in shown
    errands.extend_lease(claim, by=town.rider)
    assert "能延一次" not in front(visit, town.rider)
    claim.refresh_from_db()
    errands.finish(claim, by=town.rider)
    assert cards(front(visit, town.rider)) == []


def test_a_certificate_is_a_card_until_it_was_opened(town, visit, activity):
    attendance.settle_session(held(activity, [town.rider]), by=town.staff)
    asked = certificates.request(town.rider, community=town.community)
    paper = certificates.issue(asked, by=town.staff, **SIGNED)
    assert cards(front(visit, town.rider))[0] == f"服务证明开好了：{paper.number}"
    visit(town.staff).get(paper.get_absolute_url())
    assert len(cards(front(visit, town.rider))) == 1
    visit(town.rider).get(paper.get_absolute_url())
    assert cards(front(visit, town.rider)) == []
    assert Certificate.objects.get().state == "valid"


def test_what_is_due_soonest_comes_first(town, visit, activity):
    offered(town.rider, activity, hours=24 * 20)
    errands.claim(errand(town), by=town.rider)
    assert [title[:2] for title in cards(front(visit, town.rider))] == ["你手", "扫雪"]


def test_a_guest_and_who_has_nothing_to_answer_see_none(town, visit):
    for user in (None, town.stranger, town.staff):
        assert cards(front(visit, user)) == []


def test_cards_cost_no_more_with_many_of_them(town, visit):
    def count():
        client = visit(town.rider)
        client.get(reverse("home"))  # what staff edit is kept from then on
        with CaptureQueriesContext(connection) as caught:
            client.get(reverse("home"))
        return len(caught)

    def another():
        made = ActivityFactory(community=town.community, organiser=town.staff)
        offered(town.rider, made, hours=48 + 24 * SignUp.objects.count())

    another()
    few = count()
    for _ in range(3):
        another()
    assert count() == few
    assert few <= 15
