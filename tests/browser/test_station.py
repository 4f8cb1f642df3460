"""The station on phones: closed and where else it is warm, the honest door, and places by need."""

from datetime import time, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from stations.faults.models import FacilityFault, FaultTap
from stations.houses.models import Closure, Facility, Zone
from tests.browser.conftest import DESK
from tests.browser.test_pages import NARROW, violations
from tests.factories.stations import OpeningHoursFactory, StationFactory
from yuanhang.core.outbox.models import Notice

PAGE, KEEP = "/stations/qingxiaoyi/", "/stations/qingxiaoyi/keep/"


def open_always(station):
    for weekday in range(7):
        OpeningHoursFactory(station=station, weekday=weekday, opens=time(0), closes=time(0))


@pytest.fixture
def station(town):
    open_always(town.station)
    zone = Zone.objects.create(station=town.station, floor=1, name="能量加油站")
    Facility.objects.create(zone=zone, kind="water", seal="水", name="饮水机")
    return town.station


@pytest.fixture
def pharmacy(town):
    """Warm all night, 350 m east of the phones."""
    made = StationFactory(
        community=town.community,
        kind="pharmacy",
        name="平房区口便民药店",
        latitude=46.5452,
        longitude=124.9493,
    )
    open_always(made)
    zone = Zone.objects.create(station=made, name="店里")
    Facility.objects.create(zone=zone, kind="heating", seal="暖", name="暖气")
    return made


def test_a_closed_station_leads_a_frozen_guest_to_the_next_warm_place(station, pharmacy, person):
    Closure.objects.create(
        station=station,
        starts_at=timezone.now(),
        ends_at=timezone.now() + timedelta(days=2),
        reason="停水检修",
    )
    page = person()
    page.goto("/")
    page.get_by_role("link", name=station.name).click()
    expect(page.get_by_text("停水检修")).to_be_visible()
    expect(page.get_by_role("link", name="打 120")).to_be_visible()
    bar = page.locator(".action-bar")
    expect(bar.get_by_role("link", name="登记")).to_have_count(0)
    bar.get_by_role("link", name="去平房区口便民药店").click()
    page.wait_for_url(f"**{pharmacy.get_absolute_url()}")
    expect(page.get_by_text("开放中 · 全天")).to_be_visible()


def locked(page):
    page.goto(PAGE)
    page.get_by_role("button", name="门锁着").click()
    expect(page.get_by_text("记下了，谢谢")).to_be_visible()


def test_two_strangers_say_locked_and_both_read_the_answer(station, town, person):
    first, second, staff = person(), person(), person(town.staff)
    locked(first)
    expect(first.get_by_text("有人说锁着")).to_have_count(0)
    # Both phones stand in one network here: a minute lies between them.
    FaultTap.objects.update(at=timezone.now() - timedelta(minutes=1))
    locked(second)
    expect(second.get_by_text("有人说锁着，先打电话")).to_be_visible()
    assert Notice.objects.filter(kind="stations.fault", recipient=town.staff).exists()
    staff.goto(KEEP)
    staff.get_by_label("回一句").fill("去开门了，五分钟")
    staff.get_by_role("button", name="回话").click()
    expect(staff.get_by_text("回话了")).to_be_visible()
    staff.get_by_role("button", name="好了", exact=True).click()
    assert FacilityFault.objects.get().end == "repaired"
    for page in (first, second):
        page.goto("/")
        expect(page.get_by_text("门锁着：好了")).to_be_visible()
        page.goto(PAGE)
        expect(page.get_by_text("好了 · 今天")).to_be_visible()


def test_a_slip_of_the_thumb_is_taken_back_without_scripts(station, person):
    page = person(java_script_enabled=False)
    page.goto(PAGE)
    page.get_by_role("button", name="没水了").click()
    expect(page.get_by_text("1 人报").first).to_be_visible()
    page.get_by_text("补一句、拍一张，或者收回").click()
    page.get_by_role("button", name="点错了，收回").click()
    expect(page.get_by_text("收回了")).to_be_visible()
    expect(page.get_by_text("1 人报")).to_have_count(0)


def test_the_phone_itself_says_how_far(station, pharmacy, person):
    page = person()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/stations/?need=warm")
    row = page.get_by_role("link", name="平房区口便民药店")
    expect(row).to_contain_text("350 米")
    expect(row).to_contain_text("往东")
    expect(row).to_contain_text("走 6 分钟")
    assert not [url for url in asked if "124.9" in url or "46.5" in url]


def test_a_refused_position_makes_up_no_distance(station, pharmacy, person):
    page = person()
    page.context.clear_permissions()
    page.goto("/stations/?need=warm")
    page.evaluate(
        "() => { navigator.geolocation.getCurrentPosition = (_, lost) => lost({ code: 1 }); }"
    )
    page.get_by_role("button", name="离我近的在前").click()
    expect(page.get_by_text("没定到位")).to_be_visible()
    expect(page.get_by_text("米")).to_have_count(0)
    expect(page.get_by_role("button", name="离我近的在前")).to_be_enabled()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_they_are_readable_and_in_bounds(station, pharmacy, town, person, scheme):
    guest = person(size=NARROW, color_scheme=scheme)
    keeper = person(town.staff, size=NARROW, color_scheme=scheme)
    for page, address in ((guest, PAGE), (guest, "/stations/?need=warm"), (keeper, KEEP)):
        page.goto(address)
        assert violations(page) == []
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= NARROW["width"], address


def test_the_screen_at_the_door_keeps_what_it_has_without_a_network(station, person):
    page = person(size=DESK, weak=True)
    page.clock.install()
    page.goto(f"{PAGE}display/")
    expect(page.get_by_role("heading", name="开放中 · 全天")).to_be_visible()
    Closure.objects.create(station=station, starts_at=timezone.now(), reason="停水检修")
    page.context.set_offline(True)
    for _minute in range(5):
        page.clock.run_for(60_000)
    expect(page.get_by_text("断网，内容截至")).to_be_visible()
    expect(page.get_by_role("heading", name="开放中 · 全天")).to_be_visible()
    page.context.set_offline(False)
    page.clock.run_for(60_000)
    expect(page.get_by_role("heading", name="暂时关闭")).to_be_visible()
    expect(page.get_by_text("断网，内容截至")).to_be_hidden()
    assert violations(page) == []
