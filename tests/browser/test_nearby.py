"""One cover, many reporters: who reported it already is seen while the report is being made."""

import re

import pytest
from playwright.sync_api import expect

from hazards.cases import cases
from hazards.cases.models.hazards import Hazard
from hazards.cases.states import State
from tests import media
from tests.browser.conftest import HERE
from tests.browser.test_pages import NARROW, tab_to, violations
from tests.browser.test_weak_network import STORED, URL, send, settled_draft, waiting
from tests.factories.hazards import advance, report
from tests.factories.workers import UserFactory, WorkerFactory
from yuanhang.core import geo

NEARBY = re.compile(r"/hazards/nearby/$")


@pytest.fixture
def main(town):
    """A cover that somebody reported a few steps from where the phones are."""
    point = geo.Point(HERE["latitude"] + 20 / 111_195, HERE["longitude"], 10.0, "wgs84")
    return report(town.six, by=UserFactory(), point=point)


def write(page, words="我也看到了"):
    """Open the form, tap the kind, say something."""
    page.goto(URL)
    page.get_by_label("井盖道路").check()
    page.get_by_label("想补一句？").fill(words)


def rows(page):
    return page.locator("#nearby .nearby-row")


def the_one(page, number):
    """「就是这一件」 of a case."""
    return page.locator(f"#nearby [type=radio][value='{number}']")


def received(page):
    page.get_by_text("收到了，谢谢你").wait_for()


def newest():
    return Hazard.objects.latest("id")


def test_three_riders_report_one_cover_and_all_three_are_told(town, person, sizes, tmp_path):
    riders = [town.rider, UserFactory(), UserFactory()]
    for rider in riders[1:]:
        WorkerFactory(user=rider, community=town.community, station=town.station)
    pages = [person(rider) for rider in riders]
    photo = tmp_path / "a.jpg"
    photo.write_bytes(media.jpeg(800, 600))

    write(pages[0], "井盖翘起来了")
    expect(pages[0].locator("#locate")).to_contain_class("is-found")
    send(pages[0])
    received(pages[0])
    main = newest()
    for page in pages[1:]:
        write(page)
        expect(rows(page)).to_have_count(2)
        expect(rows(page).nth(1)).to_contain_text("约 10 米")
        the_one(page, main.number).check()
        page.locator("#album").set_input_files(photo)
        page.locator("#shots img").wait_for()
        send(page)
        received(page)
        page.get_by_text("已并到一起。每走一步都会告诉你。").wait_for()
    followers = list(main.merged.order_by("id"))
    assert [case.reporter for case in followers] == riders[1:]

    worker = person(town.grid_worker, sizes.desk)
    worker.goto(f"/hazards/queue/?case={main.number}")
    # The two photos of the others are on the one case, which is all there is to do.
    expect(worker.locator("#case-pane .picture img")).to_have_count(2)
    expect(worker.locator(".case-row")).to_have_count(1)
    worker.locator("#case-pane").get_by_label("立案标准").select_option(index=1)
    worker.get_by_role("button", name="受理", exact=True).click()
    worker.locator("#case-pane .chip", has_text="已受理").wait_for()
    cases.fix(Hazard.objects.get(pk=main.pk), by=town.grid_worker)
    cases.close(Hazard.objects.get(pk=main.pk), by=town.grid_worker, condition_met=True)
    for page, own in zip(pages, [main, *followers], strict=True):
        page.goto("/notices/")
        notice = page.get_by_text("你报的「井盖道路」，办结了，谢谢你")
        expect(notice).to_have_count(1)
        notice.click()
        page.wait_for_url(f"**{own.get_absolute_url()}")


def test_by_keyboard_alone_the_one_is_chosen_and_sent(main, person, sizes):
    page = person(size=sizes.desk)
    page.goto(URL)
    tab_to(page, "manhole")
    page.keyboard.press("Space")
    tab_to(page, "description")
    page.keyboard.type("井盖翘了")
    expect(rows(page)).to_have_count(2)
    tab_to(page, "same_as")
    page.keyboard.press("ArrowDown")
    expect(the_one(page, main.number)).to_be_focused()
    expect(the_one(page, main.number)).to_be_checked()
    tab_to(page, "发出")
    page.keyboard.press("Enter")
    received(page)
    assert newest().main == main


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_form_with_rows_is_readable_in_bounds_and_keeps_its_button(main, person, sizes, scheme):
    page = person(size=sizes.phone, color_scheme=scheme)
    write(page)
    expect(rows(page)).to_have_count(2)
    the_one(page, main.number).check()
    assert violations(page) == []
    for size in (NARROW, sizes.desk, sizes.phone):
        page.set_viewport_size(size)
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
        for row in rows(page).all():
            assert row.bounding_box()["height"] >= 48
        expect(page.get_by_role("button", name="发出", exact=True)).to_be_in_viewport(ratio=1)
    # It is announced without being read out whole, and goes when one has come to it.
    page.evaluate("scrollTo(0, 0)")
    line = page.locator("[role=status] #nearby-said")
    expect(line).to_be_visible()
    assert line.bounding_box()["height"] >= 47.5
    line.click()
    expect(line).to_be_hidden()
    expect(rows(page).first).to_be_in_viewport()


def test_another_kind_or_place_takes_the_rows_and_the_choice_away(main, person):
    page = person()
    write(page)
    the_one(page, main.number).check()
    page.get_by_role("button", name="换一样").click()
    page.get_by_label("路灯").check()
    expect(rows(page)).to_have_count(0)
    expect(page.locator("#nearby-said")).to_be_hidden()
    expect(page.locator("[name=same_as]")).to_have_value("")
    page.get_by_role("button", name="换一样").click()
    page.get_by_label("井盖道路").check()
    expect(the_one(page, main.number)).not_to_be_checked()
    page.get_by_role("button", name="改位置").click()
    page.get_by_role("button", name="不用定位").click()
    page.get_by_label("想补一句？").click()
    page.get_by_label("地点或地标").fill("别处")
    page.get_by_label("想补一句？").click()
    expect(rows(page)).to_have_count(0)
    send(page)
    received(page)
    assert newest().state == State.SUBMITTED


def test_the_choice_outlives_a_reload_and_a_dead_network(main, person):
    page = person(weak=True)
    write(page)
    the_one(page, main.number).check()
    settled_draft(page)
    page.reload()
    expect(the_one(page, main.number)).to_be_checked()
    page.context.set_offline(True)
    send(page)
    expect(waiting(page)).to_have_count(1)
    # The form is another one now, and nothing is chosen in it.
    expect(page.locator("input[type=hidden][name=same_as]")).to_have_value("")
    kept = page.evaluate(STORED)["reports"]
    assert [one["fields"]["same_as"] for one in kept if one["state"] == "waiting"] == [main.number]
    page.context.set_offline(False)
    page.get_by_text("收到了，谢谢你").wait_for()
    assert newest().main == main


def test_a_kept_report_whose_case_is_over_by_now_goes_in_by_itself(main, town, person):
    page = person(weak=True)
    write(page)
    the_one(page, main.number).check()
    page.context.set_offline(True)
    send(page)
    expect(waiting(page)).to_have_count(1)
    advance(main, "closed", reviewer=town.grid_worker, officer=town.officer)
    page.context.set_offline(False)
    page.get_by_text("收到了，谢谢你").wait_for()
    mine = newest()
    assert (mine.description, mine.state, mine.main) == ("我也看到了", State.SUBMITTED, None)


@pytest.mark.parametrize("trouble", ["broken", "silent", "gone"])
def test_without_an_answer_nothing_is_shown_and_nobody_waits(main, person, trouble):
    page, held = person(weak=True), []
    acts = {
        "broken": lambda route: route.fulfill(status=500, body="<h1>no</h1>"),
        "silent": lambda route: held.append(route),
        "gone": lambda route: route.abort(),
    }
    page.route(NEARBY, acts[trouble])
    with page.expect_request(NEARBY):
        write(page)
    send(page)
    received(page)
    assert page.locator("#nearby").count() == 0
    assert newest().description == "我也看到了"
    assert newest().state == State.SUBMITTED
    for route in held:  # one left hanging is reported as an error of whoever comes next
        route.abort()


def test_without_scripts_the_receipt_offers_it_as_ever(main, person):
    page = person(java_script_enabled=False)
    write(page)
    page.get_by_label("地点或地标").fill("路口")
    assert rows(page).count() == 0
    send(page)
    received(page)
    assert newest().state == State.SUBMITTED
