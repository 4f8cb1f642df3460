"""路况: what is open on the roads, told to those who ride there; nothing of anybody."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from hazards.cases import cases
from hazards.cases.attachments import Attachments
from hazards.catalogue.models import Category, Urgency
from hazards.published import public
from hazards.roads import roads, telling
from hazards.roads.models import RoadLine, RoadTold
from hazards.sightings import sightings
from tests import media
from tests.factories.hazards import into, report, stored_photo
from tests.factories.stations import LandmarkFactory
from tests.factories.workers import UserFactory, WorkerFactory
from tests.threads import at_once
from yuanhang.core.outbox.models import Notice

WORDS = "我每天送完第三单路过这里"
NOON, MORNING = "2026-11-28 12:00", "2026-11-28 10:00"


def at(monkeypatch, words):
    """Stop the clock at a local time."""
    moment = datetime.strptime(words, "%Y-%m-%d %H:%M").replace(
        tzinfo=timezone.get_current_timezone()
    )
    monkeypatch.setattr(timezone, "now", lambda: moment)
    return moment


def page(client=None):
    answer = (client or Client()).get(reverse("roads:roads"))
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.fixture(autouse=True)
def _ice_warns_at_once(db):
    Category.objects.filter(key="ice").update(warns_riders="at_once", warns_hours=48)
    Category.objects.filter(key="leak").update(warns_riders="accepted", warns_hours=48)
    Category.objects.filter(key="rubbish").update(warns_riders="")


def ice(town, grid=None, **fields):
    fields.setdefault("description", WORDS)
    return report(grid or town.six, by=town.stranger, category="ice", **fields)


@pytest.fixture
def subscriber(town):
    """Somebody who rides in grid six and wants to hear of its road."""
    worker = WorkerFactory(community=town.community, wants_road_notices=True)
    worker.usual_grids.set([town.six])
    return worker


# --- what stands on the page ----------------------------------------------------------------


def test_a_warning_is_its_kind_and_its_place_and_no_more(town):
    LandmarkFactory(community=town.community, name="外环路公交站")
    hazard = ice(town, place="外环路公交站")
    ice(town, place="我家三单元门口")
    text = page()
    assert "积雪结冰 · 外环路公交站" in text
    assert "积雪结冰 · 第六网格" in text
    for secret in (WORDS, "三单元", hazard.number, town.stranger.display_name):
        assert secret not in text
    local = timezone.localtime(hazard.submitted_at)
    assert f"{local:%H:%M}" not in text
    assert "1 小时内" in text


def test_staff_choose_what_warns_and_from_when(town):
    report(town.six, category="rubbish")
    leak = report(town.six, category="leak")
    assert "漏水供热" not in page()
    assert "垃圾环境" not in page()
    into(leak, "accepted", town)
    assert "漏水供热" in page()


def test_what_is_about_people_never_warns(town):
    with pytest.raises(Exception, match="category_shows_things_alone"):
        Category.objects.filter(key="elder").update(warns_riders="at_once")


@pytest.mark.parametrize("state", ["fixed", "closed", "withdrawn", "rejected", "unrepaired"])
def test_it_goes_with_its_case(town, state):
    hazard = ice(town)
    assert "积雪结冰" in page()
    into(hazard, state, town)
    assert "积雪结冰" not in page()


def test_it_lapses_when_nobody_says_that_it_is_still_there(town, monkeypatch):
    hazard = ice(town)
    start = hazard.submitted_at
    later = start + timedelta(hours=48)
    monkeypatch.setattr(timezone, "now", lambda: later - timedelta(seconds=1))
    assert "积雪结冰" in page()
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert "积雪结冰" not in page()
    monkeypatch.setattr(timezone, "now", lambda: later - timedelta(hours=1))
    sightings.create(hazard, by=UserFactory(), says="still")
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert "积雪结冰" in page()


def test_two_who_say_it_is_gone_end_it_and_one_who_sees_it_again_does_not(town):
    hazard = ice(town)
    sightings.create(hazard, by=UserFactory(), says="gone")
    assert "积雪结冰" in page()
    sightings.create(hazard, by=UserFactory(), says="gone")
    assert "积雪结冰" not in page()
    sightings.create(hazard, by=UserFactory(), says="still")
    assert "积雪结冰" in page()


def test_whoever_rides_there_says_so_on_the_page_and_guests_are_told_how(town, visit):
    hazard = ice(town)
    rider = visit(town.rider)
    assert reverse("hazards:sighting-create", args=[hazard.number]) in page(rider)
    guest = page()
    assert "/seen/" not in guest
    assert "登录" in guest


def test_a_picture_only_where_a_reviewer_released_one(town):
    photo = Attachments(photos=[stored_photo(media.jpeg(64, 48))])
    hazard = ice(town, attachments=photo)
    assert "<img" not in page()
    Category.objects.filter(key="ice").update(shows_open_pictures=True)
    assert "<img" not in page()
    public.publish(hazard.photos.get(), by=town.grid_worker, boxes=[[0, 0, 50, 50]])
    assert reverse("hazards:fixed-photo-small", args=[hazard.photos.get().pk]) in page()


def test_ones_own_grids_and_those_around_the_station(town, visit):
    ice(town, grid=town.far)
    rider = town.rider.worker
    assert "积雪结冰" not in page(visit(town.rider))
    rider.usual_grids.set([town.far])
    text = page(visit(town.rider))
    assert "积雪结冰" in text
    assert "你常跑的片区" in text


def test_lines_of_staff_hold_for_their_days(town):
    today = timezone.localdate()
    for text, first, last in (
        ("今天大集", today, today),
        ("明天大集", today + timedelta(days=1), today + timedelta(days=1)),
        ("后天大集", today + timedelta(days=2), today + timedelta(days=2)),
        ("昨天大集", today - timedelta(days=1), today - timedelta(days=1)),
    ):
        RoadLine.objects.create(community=town.community, text=text, first_day=first, last_day=last)
    text = page()
    assert "今天大集" in text
    assert "明天大集" in text
    assert "后天大集" not in text
    assert "昨天大集" not in text


def test_nothing_to_warn_of_is_said(town):
    assert "眼下没有要提醒的" in page()


def test_the_text_for_a_group_says_the_same(town):
    hazard = cases.secure(ice(town), by=town.grid_worker)
    RoadLine.objects.create(
        community=town.community, text="周六大集绕行", last_day=timezone.localdate()
    )
    text = page()
    area = text[text.index("<textarea") : text.index("</textarea>")]
    assert "周六大集绕行" in area
    assert "积雪结冰 · 第六网格 · 1 小时内（已围护）" in area
    assert "/roads/" in area
    assert hazard.number not in area
    assert WORDS not in area


def test_the_front_page_and_the_door_say_the_newest(town, visit):
    LandmarkFactory(community=town.community, name="外环路公交站")
    ice(town)
    ice(town, place="外环路公交站")
    front = Client().get("/").content.decode()
    assert "路上当心：积雪结冰 · 外环路公交站" in front
    assert "还有 1 处" in front
    door = Client().get(reverse("door-display", args=[town.station.slug])).content.decode()
    assert "积雪结冰 · 外环路公交站" in door
    assert WORDS not in front + door


def test_the_page_asks_the_same_however_many_there_are(town, visit, django_assert_max_num_queries):
    rider = visit(town.rider)
    for _n in range(2):
        ice(town)
    page(rider)
    with django_assert_max_num_queries(15) as few:
        page(rider)
    for _n in range(20):
        ice(town)
    with django_assert_max_num_queries(15) as many:
        page(rider)
    assert len(few) == len(many)


def test_no_more_than_a_page_of_them_and_it_says_so(town, monkeypatch):
    monkeypatch.setattr("hazards.roads.presenter.SHOWN_MAX", 2)
    for _n in range(3):
        ice(town)
    text = page()
    assert text.count("around-head") == 2
    assert "更早的没有列出来" in text


# --- one word a grid and day ----------------------------------------------------------------


def told(worker):
    return list(worker.user.notices.filter(kind="hazards.road").values_list("title", flat=True))


def test_one_word_a_grid_and_day_to_those_who_asked(town, subscriber, monkeypatch):
    silent = WorkerFactory(community=town.community)
    silent.usual_grids.set([town.six])
    elsewhere = WorkerFactory(community=town.community, wants_road_notices=True)
    elsewhere.usual_grids.set([town.one])
    at(monkeypatch, MORNING)
    ice(town)
    assert telling.tell() == 1
    at(monkeypatch, "2026-11-28 10:30")
    ice(town)
    assert telling.tell() == 0
    assert told(subscriber) == ["路上当心：积雪结冰 · 第六网格"]
    assert told(silent) == told(elsewhere) == []
    # The next day only of what is new since.
    at(monkeypatch, "2026-11-29 10:00")
    assert telling.tell() == 1
    at(monkeypatch, "2026-11-30 10:00")
    assert telling.tell() == 0


def test_at_meal_peaks_only_what_is_urgent(town, subscriber, monkeypatch):
    at(monkeypatch, NOON)
    hazard = ice(town)
    type(hazard).objects.filter(pk=hazard.pk).update(urgency=Urgency.NORMAL)
    assert telling.tell() == 0
    type(hazard).objects.filter(pk=hazard.pk).update(urgency=Urgency.URGENT)
    assert telling.tell() == 1


def test_after_the_peak_it_is_told(town, subscriber, monkeypatch):
    at(monkeypatch, NOON)
    hazard = ice(town)
    type(hazard).objects.filter(pk=hazard.pk).update(urgency=Urgency.NORMAL)
    assert telling.tell() == 0
    at(monkeypatch, "2026-11-28 13:30")
    assert telling.tell() == 1


def test_what_waits_to_be_accepted_is_news_when_it_is(town, subscriber, monkeypatch):
    at(monkeypatch, MORNING)
    leak = report(town.six, category="leak")
    assert telling.tell() == 0
    into(leak, "accepted", town)
    assert telling.tell() == 1


def test_nobodys_words_or_name_are_in_it(town, subscriber, monkeypatch):
    at(monkeypatch, MORNING)
    ice(town, place="我家三单元门口")
    telling.tell()
    notice = Notice.objects.get(kind="hazards.road")
    assert notice.url == "/roads/"
    for secret in (WORDS, "三单元", town.stranger.display_name):
        assert secret not in notice.title + notice.body


def test_who_left_is_told_nothing(town, subscriber, monkeypatch):
    type(subscriber.user).objects.filter(pk=subscriber.user_id).update(is_active=False)
    at(monkeypatch, MORNING)
    ice(town)
    assert telling.tell() == 0


def test_a_day_that_was_told_is_forgotten_after_a_month(town, subscriber, monkeypatch):
    day = timezone.localdate()
    RoadTold.objects.create(grid=town.six, day=day - timedelta(days=31))
    RoadTold.objects.create(grid=town.six, day=day - timedelta(days=30))
    telling.tell()
    assert RoadTold.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_tell_once(town, subscriber, monkeypatch):
    at(monkeypatch, MORNING)
    ice(town)
    assert sorted(at_once(telling.tell)) == [0, 1]
    assert len(told(subscriber)) == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_claim_two_runs_would_both_go_on(town, subscriber, monkeypatch):
    """The negative control: who does not look whose row it is tells again."""
    at(monkeypatch, MORNING)
    ice(town)
    monkeypatch.setattr(RoadTold.objects, "get_or_create", lambda grid, day, defaults: (None, True))
    assert sorted(at_once(telling.tell)) == [1, 1]


def test_asked_in_the_profile_and_done_as_said(town, visit):
    rider = visit(town.rider)
    text = rider.get(reverse("workers:me")).content.decode()
    assert "wants_road_notices" in text
    assert not town.rider.worker.wants_road_notices


def test_categories_as_they_come(town):
    """What the product starts with: things on the road, nothing about anybody."""
    chosen = {row.key for row in roads.warning_categories()}
    assert chosen <= {"manhole", "ice", "leak", "charging", "street_light", "traffic"}
