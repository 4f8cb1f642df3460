"""我在帮忙 on a phone: a page at once with its QR code, checked before and after confirmation."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESK, PHONE
from tests.browser.test_pages import NARROW, violations
from tests.workers.proofs.test_proofs import confirmed, proof
from workers.proofs import proofs
from workers.proofs.models import Proof


def test_it_is_checked_by_its_code_before_and_after_confirmation(town, person):
    rider, platform, staff = person(town.rider), person(), person(town.staff, DESK)
    rider.goto("/proofs/new/")
    rider.get_by_role("radio", name="车祸").check(force=True)
    rider.get_by_role("button", name="我在帮忙").click()
    rider.wait_for_url("**/receipt/")
    expect(rider.get_by_role("img", name="查验页的二维码")).to_be_visible()
    address = rider.locator(".proof-address").inner_text()
    number = Proof.objects.get().number
    assert address.endswith(f"/proofs/{number}/")
    platform.goto(f"/proofs/{number}/")
    expect(platform.get_by_text("已登记，待社区核实")).to_be_visible()
    expect(platform.get_by_text("还没有核实")).to_be_visible()
    staff.goto("/proofs/waiting/")
    staff.get_by_label("在场的人或单位说的").check(force=True)
    staff.get_by_label("或者哪个单位说的").fill("八百垧分局派出所")
    staff.get_by_role("button", name="核实了").click()
    expect(staff.get_by_text("都看过了")).to_be_visible()
    platform.reload()
    expect(platform.get_by_text("社区已核实")).to_be_visible()
    expect(platform.get_by_text("八百垧分局派出所")).to_be_visible()
    assert town.rider.phone not in platform.content()


def test_without_a_network_it_is_kept_with_its_minute_and_sent_once(town, person):
    page = person(town.rider, weak=True)
    page.goto("/proofs/new/")
    page.context.set_offline(True)
    page.get_by_role("radio", name="起火").check(force=True)
    page.get_by_role("button", name="我在帮忙").click()
    expect(page.get_by_text("记着是几点")).to_be_visible()
    assert not Proof.objects.exists()
    page.context.set_offline(False)
    expect(page.get_by_text("收到了，谢谢你")).to_be_visible(timeout=20_000)
    assert Proof.objects.get().what == "fire"


def test_what_nobody_wrote_on_is_not_kept_and_what_begins_ticked_stays_so(town, person):
    page = person(town.rider, weak=True)
    own = page.get_by_role("checkbox", name="写上我的称呼")
    for _visit in range(2):
        page.goto("/proofs/new/")
        expect(own).to_be_checked()
        page.wait_for_timeout(600)
    expect(page.get_by_text("还没发完的")).to_be_hidden()
    page.context.set_offline(True)
    page.get_by_role("radio", name="起火").check(force=True)
    page.get_by_role("button", name="我在帮忙").click()
    expect(page.get_by_text("记着是几点")).to_be_visible()
    # The form is empty again, for the next time.
    expect(page.get_by_role("radio", name="起火")).not_to_be_checked()
    expect(own).to_be_checked()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_of_proofs_are_accessible_and_fit_a_phone(town, person, scheme):
    made, waits = confirmed(town), proof(town)
    proofs.decline(proof(town), by=town.staff)
    pages = (
        (None, [made.get_absolute_url(), waits.get_absolute_url()]),
        (town.rider, ["/proofs/new/", "/proofs/mine/", made.get_own_url(), waits.get_own_url()]),
        (town.staff, ["/proofs/waiting/"]),
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
