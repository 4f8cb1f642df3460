"""A gate on phones: found by building, corrected by a second rider, confirmed by the property."""

from datetime import time

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from stations.estates import property_links
from stations.estates.link_models import PropertyLink
from stations.estates.models import FactVersion
from tests.browser.conftest import DESK, PHONE
from tests.browser.test_pages import NARROW, violations
from tests.factories.stations import EstateFactory, square, with_streets
from tests.factories.workers import UserFactory, WorkerFactory
from tests.stations.estates.help import believed, north, written


@pytest.fixture
def riders(town):
    people = [UserFactory() for _ in range(4)]
    for person in people:
        WorkerFactory(user=person, community=town.other, confirmed_at=timezone.now())
    return people


@pytest.fixture
def estate(town, riders):
    with_streets(town.community, town.admin)
    made = EstateFactory(
        community=town.community,
        name="示意小区甲",
        slug="e-jia",
        boundary=square(46.5445, 124.9445, 0.002),
    )
    for number in range(1, 9):
        made.buildings.create(
            number=str(number),
            latitude=46.5449 + 0.0006 * (number // 3),
            longitude=124.9449 + 0.0006 * (number % 3),
        )
    all_day = {"opens": time(0), "closes": time(0)}
    believed(made, riders, north(latitude=46.5465, longitude=124.9455, **all_day))
    believed(
        made,
        riders,
        north(name="东门", bikes="walk", latitude=46.5455, longitude=124.9465, buildings=[]),
    )
    return made


@pytest.fixture
def way_in(estate, town):
    """(address, code) of the property's link."""
    key = property_links.give(estate, by=town.staff)
    return f"/estates/property/{key}/", PropertyLink.objects.get().code


def test_found_by_building_corrected_by_a_rider_confirmed_by_the_property(
    estate, riders, way_in, person
):
    address, code = way_in
    guest = person()
    guest.goto("/")
    guest.get_by_role("link", name="小区进门").click()
    guest.get_by_label("找小区、楼号、门").fill("8号楼")
    guest.get_by_role("button", name="找").click()
    guest.get_by_role("link", name="示意小区甲").click()
    expect(guest.get_by_text("北门 · 全天")).to_be_visible()
    expect(guest.locator(".gate-card").get_by_text("8 栋走北门")).to_be_visible()

    rider = person(riders[3])
    rider.goto(estate.get_absolute_url())
    rider.get_by_role("link", name="改 北门").click()
    rider.get_by_label("全天开").uncheck()
    rider.get_by_label("从几点开").fill("00:00")
    rider.get_by_label("到几点关").fill("23:59")
    rider.get_by_label("一句话").fill("找王师傅")
    rider.get_by_role("button", name="写好了").click()
    expect(rider.get_by_text("别写人名").first).to_be_visible()
    rider.get_by_label("一句话").fill("登记一次车牌就放行")
    rider.get_by_role("button", name="写好了").click()
    expect(rider.get_by_text("再有两个骑手说对")).to_be_visible()
    guest.reload()
    expect(guest.get_by_text("北门 · 全天")).to_be_visible()
    expect(guest.get_by_text("登记一次车牌就放行")).to_have_count(0)

    office = person(java_script_enabled=False)
    office.goto(address)
    office.get_by_label("六位码").fill(code)
    office.get_by_role("button", name="打开").click()
    office.get_by_role("button", name="对 北门").first.click()
    expect(office.get_by_text("骑手看得到是物业核过的")).to_be_visible()
    guest.reload()
    expect(guest.locator(".gate-card").get_by_text("登记一次车牌就放行")).to_be_visible()
    expect(guest.locator(".gate-card").get_by_text("物业今天核过")).to_be_visible()
    assert FactVersion.objects.shown().filter(sure_as="property").count() == 1


@pytest.fixture
def walk(estate, riders, town, way_in):
    """The pages of each person, with something to see on each."""
    written(estate, riders[0], north(name="南门", bikes="shut", words="修路"))
    page = estate.get_absolute_url()
    fact = estate.facts.first().pk
    return {
        None: [
            "/estates/",
            "/estates/?q=8栋",
            "/estates/?q=没有这里",
            page,
            f"{page}?building=8",
            f"{page}sheet/",
            f"{page}facts/{fact}/history/",
            way_in[0],
        ],
        riders[1]: [
            page,
            f"{page}write/gate/",
            f"{page}write/parking/",
            f"{page}facts/{fact}/correct/",
        ],
        town.staff: [page, f"{page}keep/", "/estates/import/"],
    }


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_sticks_out(walk, way_in, person, scheme):
    trouble = []
    for user, addresses in walk.items():
        page = person(user, PHONE, color_scheme=scheme)
        for address in addresses:
            page.goto(address)
            trouble += [f"{address} {line}" for line in violations(page)]
            for size in (NARROW, DESK, PHONE):
                page.set_viewport_size(size)
                wide = page.evaluate("document.documentElement.scrollWidth")
                if wide > size["width"]:
                    trouble.append(f"{address} is {wide} px wide at {size['width']}")
    address, code = way_in
    page = person(None, PHONE, color_scheme=scheme)
    page.goto(address)
    page.get_by_label("六位码").fill(code)
    page.get_by_role("button", name="打开").click()
    expect(page.get_by_text("大家现在看到的")).to_be_visible()
    trouble += violations(page)
    assert not trouble, "\n".join(trouble)


def test_what_a_thumb_must_hit_is_48_pixels_high(walk, person):
    small = """() => [...document.querySelectorAll(
        'main button, main a:not(p a), .action-bar a, .action-bar button, summary'
    )].filter((n) => n.offsetParent && n.getBoundingClientRect().height < 47.5)
      .map((n) => n.outerHTML.slice(0, 120) + ' ' + n.getBoundingClientRect().height)"""
    trouble = []
    for user, addresses in walk.items():
        page = person(user, PHONE)
        for address in addresses:
            page.goto(address)
            trouble += [f"{address} {line}" for line in page.evaluate(small)]
    assert not trouble, "\n".join(trouble)
