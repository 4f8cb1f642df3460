"""Drafts on the phone: put off, sent by themselves, in two tabs, and how they look."""

import pytest
from playwright.sync_api import expect

from hazards.cases.models.hazards import Hazard
from tests.browser.test_map import values
from tests.browser.test_pages import NARROW, violations
from tests.browser.weak_network_help import (
    ROUTE,
    URL,
    WORDS,
    fill,
    refuse_posts,
    send,
    sent_whole,
    settled_draft,
    slow,
    waiting,
)


def test_it_goes_by_itself_after_a_pause(town, rider, files):
    """No event tells of a network that only got better; the timer tries again."""
    rider.route(ROUTE, lambda route: route.abort())
    fill(rider, files)
    send(rider)
    expect(waiting(rider)).to_contain_text("有网自己发")
    rider.unroute(ROUTE)
    expect(waiting(rider)).to_contain_text("收到了", timeout=20_000)
    sent_whole(files)


def test_two_tabs_send_a_waiting_report_once(town, rider, files):
    fill(rider, files)
    rider.context.set_offline(True)
    send(rider)
    expect(waiting(rider)).to_have_count(1)
    posts = []
    context = rider.context
    context.on("request", lambda r: posts.append(r.url) if r.method == "POST" else None)
    context.set_offline(False)
    other = context.new_page()
    other.goto(URL)
    for page in (rider, other):
        expect(waiting(page)).to_contain_text("收到了")
    sent_whole(files)
    assert len(posts) == 1
    # Each tab writes its own draft, and neither takes the other's.
    rider.get_by_label("想补一句？").fill("第一份")
    settled_draft(rider)
    other.reload()
    expect(other.get_by_label("想补一句？")).to_have_value("")
    other.wait_for_timeout(700)
    expect(other.get_by_label("想补一句？")).to_have_value("")


def test_without_locks_the_key_makes_two_sendings_one_case(town, person, files):
    context = person(weak=True).context
    context.add_init_script("Object.defineProperty(navigator, 'locks', { value: undefined })")
    first = context.new_page()
    first.goto(URL)
    fill(first, files)
    context.set_offline(True)
    send(first)
    expect(waiting(first)).to_have_count(1)
    second = context.new_page()
    context.set_offline(False)
    second.goto(URL)
    for page in (first, second):
        expect(waiting(page)).to_contain_text("收到了", timeout=20_000)
    sent_whole(files)


def test_starting_anew_empties_the_form_and_can_be_undone(town, rider, files):
    fill(rider, files)
    settled_draft(rider)
    rider.reload()
    rider.get_by_role("button", name="重新写一份").click()
    expect(rider.get_by_label("想补一句？")).to_have_value("")
    assert rider.locator("#shots img").count() == 0
    rider.get_by_role("button", name="撤销").click()
    waiting(rider).get_by_role("button", name="接着写").click()
    expect(rider.locator("#shots img")).to_have_count(2)
    rider.get_by_text("接着上次没发完的").wait_for()
    expect(waiting(rider)).to_have_count(0)


@pytest.mark.parametrize(
    "missing",
    [
        "Object.defineProperty(window, 'indexedDB', { value: undefined })",
        "indexedDB.open = () => { throw new DOMException('no', 'SecurityError'); }",
    ],
)
def test_without_storage_the_form_keeps_everything_until_it_is_sent(town, person, files, missing):
    page = person(weak=True)
    page.add_init_script(missing)
    page.goto(URL)
    fill(page, files)
    page.context.set_offline(True)
    send(page)
    page.get_by_text("填的都在，再点一次就行").wait_for()
    expect(page.locator("#shots img")).to_have_count(2)
    assert page.get_by_label("想补一句？").input_value() == WORDS
    page.context.set_offline(False)
    send(page)
    page.get_by_text("收到了，谢谢你").wait_for()
    sent_whole(files)


def test_a_pin_stays_with_its_own_report(town, rider):
    fill(rider)
    rider.get_by_role("button", name="改位置").click()
    box = rider.locator(".pin-map-box")
    rider.get_by_text("点一下出事的地方").wait_for()
    box.click(position={"x": 60, "y": 200})
    expect(rider.locator("#locate-detail")).to_contain_text("地图上点的")
    pinned = values(rider)
    settled_draft(rider)
    rider.reload()
    rider.get_by_text("接着上次没发完的").wait_for()
    assert values(rider) == pinned
    rider.get_by_role("button", name="改位置").click()
    box.click(position={"x": 200, "y": 60})
    moved = values(rider)
    assert moved != pinned
    rider.context.set_offline(True)
    send(rider)
    expect(waiting(rider)).to_have_count(1)
    # The next report starts at the phone's own position, without the last one's pin.
    expect(rider.locator("#locate-detail")).to_contain_text("误差约 12 米")
    rider.context.set_offline(False)
    expect(waiting(rider)).to_contain_text("收到了")
    assert f"{Hazard.objects.get().longitude:.7f}" == moved["longitude"]
    assert Hazard.objects.get().location_source == Hazard.Source.PIN
    rider.get_by_label("想补一句？").fill("第二件")
    send(rider)
    rider.wait_for_url("**/receipt/**")
    second = Hazard.objects.get(description="第二件")
    assert (second.accuracy, second.grid) == (12, town.six)
    assert second.location_source == Hazard.Source.DEVICE


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_list_draft_and_progress_are_readable_and_wide_enough_for_a_thumb(
    town, person, sizes, files, scheme
):
    page = person(weak=True, color_scheme=scheme)
    page.goto(URL)
    fill(page, files)
    page.context.set_offline(True)
    send(page)
    expect(waiting(page)).to_have_count(1)
    page.get_by_label("想补一句？").fill("路灯不亮")
    settled_draft(page)
    page.context.set_offline(False)
    page.route(ROUTE, lambda route: refuse_posts(route, 500))
    page.reload()
    page.get_by_text("接着上次没发完的").wait_for()
    expect(waiting(page)).to_contain_text("系统忙")
    looked_at(page, sizes)
    waiting(page).get_by_role("button", name="丢掉").click()
    page.get_by_role("button", name="撤销").wait_for()
    looked_at(page, sizes)
    page.unroute(ROUTE)
    slow(page, upload=5_000)
    page.locator("#album").set_input_files(files[0])
    expect(page.locator("#shots img")).to_have_count(2)
    send(page)
    page.get_by_role("button", name="先不发").wait_for()
    looked_at(page, sizes)
    page.get_by_role("button", name="先不发").click()
    expect(waiting(page)).to_contain_text("先不发")


def looked_at(page, sizes):
    """Nothing to object to, nothing sticking out, nothing too small."""
    assert not violations(page)
    for size in (NARROW, sizes.phone):
        page.set_viewport_size(size)
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    small = """() => [...document.querySelectorAll('main button, .action-bar button')].filter(
        (n) => n.offsetParent && n.getBoundingClientRect().height < 47.5).map((n) => n.outerHTML)"""
    assert not page.evaluate(small)
