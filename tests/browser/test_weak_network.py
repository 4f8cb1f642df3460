"""A network that comes and goes: a report leaves the phone exactly once, and nothing is lost."""

import pytest
from playwright.sync_api import expect

from hazards.cases.models.hazards import Hazard
from tests.browser.cable import Cable
from tests.browser.conftest import log_in
from tests.browser.weak_network_help import (
    ROUTE,
    STORED,
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
from tests.factories.hazards import report as make_report


@pytest.fixture
def cable(live_server):
    """A wire of the test's own."""
    made = Cable((live_server.thread.host, live_server.thread.port))
    yield made
    made.close()


@pytest.mark.parametrize("rudely", [False, True])
def test_cut_in_the_middle_of_sending_it_arrives_once_when_the_network_is_back(
    town, person, cable, files, rudely
):
    page = person(weak=True, home=cable.url)
    page.goto(URL)
    fill(page, files)
    cable.cut_after(600_000, rudely=rudely)
    send(page)
    expect(waiting(page)).to_contain_text("网不太好")
    expect(waiting(page)).to_contain_text("2 张照片")
    assert page.get_by_label("想补一句？").input_value() == ""
    assert cable.cuts
    page.wait_for_timeout(1000)
    assert not Hazard.objects.exists()
    cable.mend()
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(waiting(page)).to_contain_text("收到了")
    hazard = sent_whole(files)
    waiting(page).get_by_role("button", name="看回执").click()
    page.wait_for_url(f"**{hazard.get_receipt_url()}")
    assert page.evaluate(STORED) == {"reports": [], "files": 0}


def test_when_the_answer_is_lost_the_next_try_finds_the_same_case(town, rider, files):
    lost = []

    def lose(route):
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch(max_redirects=0).status)
            route.abort()
        else:
            route.continue_()

    rider.route(ROUTE, lose)
    fill(rider, files)
    send(rider)
    expect(waiting(rider)).to_contain_text("收到了", timeout=20_000)
    assert lost == [302]
    hazard = sent_whole(files)
    waiting(rider).get_by_role("button", name="看回执").click()
    rider.wait_for_url(f"**{hazard.get_receipt_url()}")


def test_a_reload_keeps_photos_voice_words_and_place(town, rider, files):
    fill(rider, files)
    expect(rider.locator("#locate")).to_contain_class("is-found")
    settled_draft(rider)
    rider.context.set_geolocation({"latitude": 46.5452, "longitude": 124.9350, "accuracy": 300})
    rider.reload()
    rider.get_by_text("接着上次没发完的").wait_for()
    expect(rider.locator("#shots img")).to_have_count(2)
    assert rider.locator("#voice-note").is_visible()
    assert rider.get_by_label("井盖道路").is_checked()
    # Where it was written, not where the page was opened again.
    expect(rider.locator("#locate-detail")).to_contain_text("误差约 12 米")
    send(rider)
    rider.get_by_text("收到了，谢谢你").wait_for()
    assert sent_whole(files).grid == town.six
    assert rider.evaluate(STORED) == {"reports": [], "files": 0}


def test_closing_the_page_loses_nothing_and_the_next_one_sends_it(town, rider, files):
    fill(rider, files)
    rider.context.set_offline(True)
    send(rider)
    expect(waiting(rider)).to_have_count(1)
    context = rider.context
    rider.close()
    context.set_offline(False)
    page = context.new_page()
    page.goto(URL)
    expect(waiting(page)).to_contain_text("收到了")
    sent_whole(files)
    assert not page.locator("#draft-note").is_visible()


@pytest.mark.parametrize("status", [500, 503, 429, 413, 403])
def test_an_answer_that_is_no_receipt_keeps_it(town, rider, files, status):
    rider.route(ROUTE, lambda route: refuse_posts(route, status))
    fill(rider, files)
    send(rider)
    expect(waiting(rider)).to_have_count(1)
    assert not Hazard.objects.exists()
    rider.unroute(ROUTE)
    waiting(rider).get_by_role("button", name="现在发").click()
    expect(waiting(rider)).to_contain_text("收到了")
    sent_whole(files)


def test_logged_out_in_between_it_goes_as_a_guest(town, person, files):
    page = person(town.rider, weak=True)
    page.goto(URL)
    fill(page, files)
    page.context.set_offline(True)
    send(page)
    expect(waiting(page)).to_have_count(1)
    # The form is closed first: open, it sends the report the moment the net is back, and one that
    # is only left lives on in the back/forward cache until it has been frozen.
    context = page.context
    page.close()
    context.set_offline(False)
    page = context.new_page()
    page.goto("/accounts/logout/")
    page.locator("main [type=submit]").click()
    # The log-out's own address ends with a slash, too; leaving it early would cut the log-out off.
    page.wait_for_url(lambda url: "/accounts/logout/" not in url)
    page.goto(URL)
    expect(waiting(page)).to_contain_text("收到了")
    assert sent_whole(files).reporter is None


def test_logged_in_in_another_tab_the_old_form_still_sends(town, rider, files):
    fill(rider, files)
    other = rider.context.new_page()
    log_in(other, town.rider)
    # The form's token is the one of before the log-in: 403, a fresh one, and once more.
    send(rider)
    rider.get_by_text("收到了，谢谢你").wait_for()
    assert sent_whole(files).reporter == town.rider


def test_the_key_of_another_account_is_renewed_only_after_telling(town, person):
    page = person(town.rider, weak=True)
    page.goto(URL)
    key = page.locator("[name=submission_key]").input_value()
    make_report(town.six, by=town.stranger, submission_key=key)
    fill(page)
    send(page)
    page.get_by_text("已经用另一个账号发过了").wait_for()
    assert page.get_by_label("想补一句？").input_value() == WORDS
    assert Hazard.objects.count() == 1
    send(page)
    page.get_by_text("收到了，谢谢你").wait_for()
    assert set(Hazard.objects.values_list("reporter", flat=True)) == {
        town.rider.pk,
        town.stranger.pk,
    }


def test_a_refused_one_comes_back_into_the_form_with_the_reason(town, rider, files):
    fill(rider, files)
    rider.get_by_text("留个称呼和电话").click()
    rider.get_by_label("手机号").fill("123")
    rider.context.set_offline(True)
    send(rider)
    expect(waiting(rider)).to_have_count(1)
    # Something else is being written when the network returns: it is not pushed aside.
    rider.get_by_label("想补一句？").fill("路灯不亮")
    rider.context.set_offline(False)
    expect(waiting(rider)).to_contain_text("请填 11 位手机号")
    assert rider.get_by_label("想补一句？").input_value() == "路灯不亮"
    waiting(rider).get_by_role("button", name="改一改").click()
    expect(rider.get_by_role("alert")).to_contain_text("请填 11 位手机号")
    expect(rider.locator("#shots img")).to_have_count(2)
    assert rider.get_by_label("想补一句？").input_value() == WORDS
    expect(waiting(rider)).to_contain_text("路灯不亮")
    rider.get_by_label("手机号").fill("10000012345")
    send(rider)
    rider.get_by_text("收到了，谢谢你").wait_for()
    assert sent_whole(files).contact_phone == "10000012345"
    rider.goto(URL)
    rider.get_by_text("接着上次没发完的").wait_for()
    assert rider.get_by_label("想补一句？").input_value() == "路灯不亮"


def test_thrown_away_it_is_gone_and_can_be_taken_back_for_a_moment(town, rider, files):
    fill(rider, files)
    rider.context.set_offline(True)
    send(rider)
    waiting(rider).get_by_role("button", name="丢掉").click()
    expect(waiting(rider)).to_have_count(0)
    assert rider.evaluate(STORED) == {"reports": [], "files": 0}
    rider.get_by_role("button", name="撤销").click()
    expect(waiting(rider)).to_contain_text("2 张照片")
    rider.context.set_offline(False)
    expect(waiting(rider)).to_contain_text("收到了")
    sent_whole(files)


def test_a_slow_sending_can_be_put_off_and_waits(town, rider, files):
    limit = slow(rider)
    fill(rider, files)
    send(rider)
    rider.get_by_role("button", name="先不发").click()
    expect(waiting(rider)).to_contain_text("先不发")
    # The first automatic try would come after five seconds.
    rider.wait_for_timeout(6500)
    assert not Hazard.objects.exists()
    expect(waiting(rider)).to_contain_text("先不发")
    limit(-1)
    waiting(rider).get_by_role("button", name="现在发").click()
    expect(waiting(rider)).to_contain_text("收到了")
    sent_whole(files)
