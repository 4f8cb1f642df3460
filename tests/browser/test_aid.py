"""综合救助 on phones: asked, answered, read, taken back; readable for everybody who may."""

import pytest
from playwright.sync_api import expect

from tests.browser.test_pages import NARROW, violations
from tests.factories.workers import UserFactory, WorkerFactory
from workers.aid import aid
from workers.aid.models import AidDesk, AidRequest


@pytest.fixture
def desk(town):
    return AidDesk.objects.create(
        community=town.community, handler=UserFactory(), deputy=UserFactory()
    )


def test_asked_and_answered_and_taken_back(desk, town, person):
    rider = WorkerFactory(community=town.community).user
    page, handler = person(rider), person(desk.handler)
    page.goto("/me/")
    page.get_by_role("link", name="遇到难处").click()
    page.get_by_role("link", name="说说难处").click()
    page.get_by_label("遇到了什么难处").fill("摔伤以后三周没跑单")
    expect(page.get_by_role("checkbox")).not_to_be_checked()
    page.get_by_role("button", name="交给负责人").click()
    expect(page.get_by_text("要勾上同意").first).to_be_visible()
    expect(page.get_by_label("遇到了什么难处")).to_have_value("摔伤以后三周没跑单")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="交给负责人").click()
    expect(page.get_by_text("摔伤以后三周没跑单")).to_be_visible()
    handler.goto("/me/")
    handler.get_by_role("link", name="救助").click()
    handler.locator(".row-list a").click()
    expect(handler.get_by_text("摔伤以后三周没跑单")).to_be_visible()
    handler.get_by_label("写一句").fill("明天下午来")
    handler.get_by_role("button", name="回复").click()
    page.goto("/me/")
    page.get_by_role("link", name="你的一件事有回音了").click()
    page.locator(".row-list a").click()
    expect(page.get_by_text("明天下午来")).to_be_visible()
    page.locator("summary", has_text="收回").click()
    page.get_by_role("button", name="全部删掉").click()
    page.wait_for_url("**/aid/")
    assert not AidRequest.objects.exists()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_these_pages(desk, town, person, scheme):
    worker = WorkerFactory(community=town.community)
    made = aid.ask(worker, text="难处" * 200, reach="晚上")
    aid.answer(made, by=desk.handler, text="好")
    ways = {
        worker.user: ["/aid/", "/aid/ask/", f"/aid/{made.number}/"],
        desk.handler: ["/aid/desk/", f"/aid/desk/{made.number}/"],
    }
    for user, addresses in ways.items():
        page = person(user, NARROW, color_scheme=scheme)
        for address in addresses:
            page.goto(address)
            assert violations(page) == [], address
            assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
