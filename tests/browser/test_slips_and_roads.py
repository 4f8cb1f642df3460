"""A foreman without an account repairs a case; riders read what is on the road."""

import re

import pytest
from playwright.sync_api import expect

from hazards.cases import cases
from hazards.cases.states import State
from hazards.catalogue.models import Category
from hazards.slips import slips
from tests import media
from tests.browser.test_handover import pages_of, printed
from tests.browser.test_pages import NARROW, violations
from tests.factories.hazards import into, report
from tests.factories.stations import LandmarkFactory
from yuanhang.core import geo


@pytest.fixture
def case(town):
    hazard = report(
        town.six,
        by=town.rider,
        place="南六街与外环路口",
        point=geo.Point(46.545, 124.945, 12.0, "wgs84"),
    )
    hazard = into(hazard, State.ESCALATED, town)
    return cases.dispatch(
        hazard, by=town.officer, organisation=town.organisation, note="换一块新的。"
    )


def test_a_foreman_without_an_account_repairs_a_case(case, town, person, sizes, tmp_path):
    officer = person(town.officer, sizes.desk)
    officer.goto(case.get_absolute_url())
    link = officer.locator("#slip-link").input_value()
    code = officer.locator(".slip-code").inner_text()
    path = re.sub(r"^https?://[^/]+", "", link)
    stranger, foreman = person(), person(None, sizes.phone)
    # Somebody who was sent the link tries codes; the foreman's phone is not shut out by that.
    stranger.goto(path)
    for _n in range(6):
        stranger.get_by_label("6 位口令").fill("000001" if code != "000 001" else "000002")
        stranger.get_by_role("button", name="打开").click()
    expect(stranger.get_by_text("歇 15 分钟").first).to_be_visible()
    foreman.goto(path)
    foreman.get_by_label("6 位口令").fill(code)
    foreman.get_by_role("button", name="打开").click()
    expect(foreman.get_by_role("heading", level=1)).to_contain_text("南六街与外环路口")
    expect(foreman.get_by_text("换一块新的。")).to_be_visible()
    foreman.get_by_role("button", name="到了").click()
    expect(foreman.get_by_text("记下了：到现场了。")).to_be_visible()
    picture = tmp_path / "a.jpg"
    picture.write_bytes(media.jpeg(800, 600))
    foreman.locator("#do-fix summary").click()
    foreman.locator("#do-fix [data-media=album]").set_input_files(picture)
    foreman.locator("#do-fix").get_by_role("button", name="已修好").click()
    expect(foreman.get_by_text("等网格员去看一眼").first).to_be_visible()
    case.refresh_from_db()
    assert case.state == State.FIXED
    assert case.photos.filter(is_repair=True, is_public=False).count() == 1
    officer.goto(case.get_absolute_url())
    expect(officer.get_by_text(f"{town.organisation}：到现场了")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_pages_of_a_slip(case, town, person, scheme):
    slip = slips.live_slip(case)
    page = person(None, NARROW, color_scheme=scheme)
    page.goto(slip.get_absolute_url())
    assert violations(page) == []
    page.get_by_label("6 位口令").fill(slip.code)
    page.get_by_role("button", name="打开").click()
    for name in ("fix", "ask-time", "refuse"):
        page.locator(f"#do-{name} summary").click()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    officer = person(town.officer, NARROW, color_scheme=scheme)
    officer.goto(case.get_absolute_url())
    assert violations(officer) == []


def test_a_slip_works_without_scripts(case, person):
    slip = slips.live_slip(case)
    page = person(java_script_enabled=False)
    page.goto(slip.get_absolute_url())
    page.get_by_label("6 位口令").fill(slip.code)
    page.get_by_role("button", name="打开").click()
    page.locator("#do-refuse summary").click()
    page.locator("#do-refuse").get_by_label("为什么").fill("这是热力井")
    page.locator("#do-refuse").get_by_role("button", name="不归我们").click()
    expect(page.get_by_text("这张接力单停用了")).to_be_visible()


def test_the_sheet_with_its_code_is_one_page(case, town, person, sizes):
    assert pages_of(printed(person(town.officer, sizes.desk), case)) == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_rider_reads_of_the_road_and_says_that_it_is_still_there(town, person, scheme):
    Category.objects.filter(key="ice").update(warns_riders="at_once", warns_hours=48)
    LandmarkFactory(community=town.community, name="外环路公交站")
    report(town.six, category="ice", place="外环路公交站", description="摔了一跤")
    page = person(town.rider, NARROW, color_scheme=scheme)
    page.goto("/")
    page.get_by_role("link", name=re.compile("路上当心：积雪结冰")).click()
    page.wait_for_url("**/roads/")
    expect(page.get_by_text("摔了一跤")).to_have_count(0)
    page.get_by_role("button", name="还在").click()
    expect(page.get_by_text("记下了，谢谢你")).to_be_visible()
    page.locator("summary", has_text="抄到群里").click()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
