"""Help on phones: asked once, also without a network; one of two neighbours goes."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESK, PHONE
from tests.browser.test_pages import NARROW, violations
from tests.workers.help.help_help import asker, attached, call, keeper, neighbour
from workers.help import help_requests
from workers.help.models import HelpRequest, HelpTake


@pytest.fixture
def town_of_helpers(town):
    """A keeper on duty, and two neighbours who may be asked."""
    town.keeper = keeper(town)
    town.first, town.second = neighbour(town), neighbour(town)
    return town


def choose(page, name):
    page.get_by_role("radio", name=name).check(force=True)


def test_a_flat_battery_is_taken_by_one_of_two_neighbours(town_of_helpers, person):
    town = town_of_helpers
    rider, first, second = person(asker(town)), person(town.first), person(town.second)
    rider.goto("/help/")
    choose(rider, "没电了")
    rider.get_by_label("地点或地标").fill("外环路公交站往东")
    rider.get_by_text("知道是哪个网格").click()
    rider.get_by_label("网格", exact=True).select_option(str(town.six.pk))
    rider.get_by_label("也告诉这个网格里愿意帮忙的骑手").check()
    rider.get_by_role("button", name="发出求助").click()
    rider.wait_for_url("**/help/receipt/**")
    expect(rider.get_by_text("已经告诉驿站值班的人了")).to_be_visible()
    for phone in (first, second):
        phone.goto("/help/near/")
        phone.get_by_role("link", name="没电了").click()
        expect(phone.get_by_role("heading", name="能去吗？")).to_be_visible()
        assert "外环路公交站往东" not in phone.content()
    first.get_by_role("button", name="我去").click()
    expect(first.get_by_text("外环路公交站往东")).to_be_visible()
    second.get_by_role("button", name="我去").click()
    expect(second.locator("body")).not_to_contain_text("外环路公交站往东")
    assert HelpTake.objects.live().get().helper == town.first
    rider.get_by_role("link", name="刷新").click()
    expect(rider.locator(".help-coming")).to_contain_text(town.first.display_name)
    rider.get_by_role("button", name="不用他来").click()
    first.reload()
    assert "外环路公交站往东" not in first.content()
    rider.get_by_role("button", name="办好了").click()
    expect(rider.get_by_text("结束了，位置删掉了").first).to_be_visible()
    assert HelpRequest.objects.get().place == ""


def test_without_a_network_it_is_kept_and_sent_once(town_of_helpers, person):
    page = person(weak=True)
    page.goto("/help/")
    page.context.set_offline(True)
    choose(page, "陷住了")
    page.get_by_label("地点或地标").fill("南六街")
    page.get_by_role("button", name="发出求助").click()
    expect(page.get_by_text("还没有人知道")).to_be_visible()
    assert not HelpRequest.objects.exists()
    page.context.set_offline(False)
    expect(page.get_by_text("收到了，谢谢你")).to_be_visible(timeout=20_000)
    row = HelpRequest.objects.get()
    assert (row.kind, row.place) == ("stuck", "南六街")
    page.get_by_role("button", name="看回执").click()
    page.wait_for_url("**/help/receipt/**")
    page.reload()
    assert HelpRequest.objects.count() == 1
    # What is kept for a call is not among the hazards, and the phone's front page knows the way.
    page.goto("/hazards/report/")
    expect(page.locator("#waiting")).to_be_hidden()
    page.goto("/")
    page.get_by_role("link", name="求助 · 陷住了").click()
    page.wait_for_url("**/help/receipt/**")


def test_nothing_is_sent_without_a_kind(town_of_helpers, person):
    page = person()
    page.goto("/help/")
    page.get_by_role("button", name="发出求助").click()
    expect(page.get_by_role("alert")).to_contain_text("点一下你怎么了")
    assert not HelpRequest.objects.exists()


def test_without_scripts_a_guest_asks_all_the_same(town_of_helpers, person):
    page = person(java_script_enabled=False)
    page.goto("/help/")
    choose(page, "冻着了")
    page.get_by_label("地点或地标").fill("大集东口")
    page.get_by_role("button", name="发出求助").click()
    page.wait_for_url("**/help/receipt/**")
    assert HelpRequest.objects.get().kind == "frozen"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_of_help_are_accessible_and_fit_a_phone(town_of_helpers, person, scheme):
    town = town_of_helpers
    row = call(town, by=asker(town), attached=attached())
    help_requests.take(row, by=town.first)
    HelpRequest.objects.update(questioned_at=row.asked_at, closes_at=row.asked_at)
    pages = (
        (None, ["/help/"]),
        (town.rider, ["/help/", f"/help/{row.pk}/"]),
        (town.first, ["/help/near/", f"/help/{row.pk}/"]),
        (town.keeper, ["/help/open/", f"/help/{row.pk}/"]),
    )
    for user, addresses in pages:
        page = person(user, color_scheme=scheme)
        for address in addresses:
            page.goto(address)
            assert violations(page) == [], (user, address)
            for size in (NARROW, DESK, PHONE):
                page.set_viewport_size(size)
                wide = page.evaluate("document.documentElement.scrollWidth")
                assert wide <= size["width"], (address, size)
