"""The receipts that a phone keeps of reports made without an account."""

import re

import pytest

from hazards.cases.models.hazards import Hazard
from tests.browser.conftest import log_in
from tests.factories.hazards import report

LIST = "#receipts-list a"
HEAD = "在这台手机上报过的"


def sent(page, words):
    """A report through the form, as a guest; its case."""
    page.goto("/hazards/report/")
    page.locator("[name=description]").fill(words)
    page.get_by_role("button", name=re.compile("^发出")).click()
    page.wait_for_url("**/hazards/receipt/**")
    token = page.url.rstrip("/").rsplit("/", 1)[-1]
    return Hazard.objects.get(receipt_token=token)


def kept(page):
    """The numbers on the list, as they stand there."""
    return [text.rsplit(" ", 1)[-1] for text in page.locator(LIST).all_inner_texts()]


@pytest.fixture
def guest(person, town):
    """Somebody without an account who sent two reports from this phone."""
    page = person()
    first, second = sent(page, "井盖翘了"), sent(page, "路灯不亮")
    page.goto("/")
    page.get_by_text(HEAD).wait_for()
    page.cases = first, second
    return page


def test_receipts_are_listed_on_this_phone_and_lead_to_their_pages(guest, person):
    first, second = guest.cases
    assert kept(guest) == [second.number, first.number]
    guest.locator(LIST).last.click()
    guest.get_by_text(first.number).first.wait_for()
    assert guest.url.endswith(first.get_receipt_url())
    # Whoever comes back to a receipt does not list it twice; the latest one stands first.
    guest.goto("/hazards/lookup/")
    assert kept(guest) == [first.number, second.number]
    # Another phone knows nothing of it, and neither does the server's page.
    other = person()
    other.goto("/")
    assert other.locator(LIST).count() == 0
    assert not other.get_by_text(HEAD).is_visible()


def test_forgetting_empties_the_list_for_good_and_keeps_the_reports(guest):
    guest.locator("#receipts-forget").click()
    assert not guest.get_by_text(HEAD).is_visible()
    guest.reload()
    guest.locator("main").wait_for()
    assert guest.locator(LIST).count() == 0
    guest.goto("/hazards/lookup/")
    assert guest.locator(LIST).count() == 0
    assert guest.evaluate("localStorage.getItem('yuanhang-receipts')") == "[]"
    assert guest.goto(guest.cases[0].get_receipt_url()).status == 200
    assert Hazard.objects.count() == 2


def test_all_of_them_go_under_the_account_and_then_the_list_is_the_accounts(guest, town):
    first, second = guest.cases
    log_in(guest, town.rider)
    guest.goto("/hazards/mine/")
    assert kept(guest) == [second.number, first.number]
    guest.locator("#receipts-here").get_by_role("button", name="记到我名下").click()
    guest.get_by_text("2 件记到你名下了。").wait_for()
    rows = guest.locator(".row-list .row-item")
    assert rows.count() == 2
    assert [first.number, second.number] == sorted(
        re.search(r"/hazards/([^/]+)/", row.get_attribute("href"))[1] for row in rows.all()
    )
    assert not guest.get_by_text(HEAD).is_visible()
    assert set(Hazard.objects.values_list("reporter", flat=True)) == {town.rider.pk}
    # Also on the pages that list what the phone keeps, and after a look at the receipt.
    guest.goto(first.get_receipt_url())
    assert guest.get_by_role("button", name="记到我名下").count() == 0
    guest.goto("/hazards/mine/")
    guest.locator(".row-list .row-item").first.wait_for()
    assert not guest.get_by_text(HEAD).is_visible()


def test_one_that_is_claimed_from_its_page_leaves_the_others_on_the_phone(guest, town):
    first, second = guest.cases
    log_in(guest, town.rider)
    guest.goto(first.get_receipt_url())
    guest.get_by_role("button", name="记到我名下").click()
    guest.get_by_text("1 件记到你名下了。").wait_for()
    assert kept(guest) == [second.number]
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.reporter, second.reporter) == (town.rider, None)


def test_what_somebody_else_claimed_stays_theirs(guest, town):
    first, second = guest.cases
    Hazard.objects.filter(pk=first.pk).update(reporter=town.stranger)
    log_in(guest, town.rider)
    guest.goto("/hazards/mine/")
    guest.locator("#receipts-here").get_by_role("button", name="记到我名下").click()
    guest.get_by_text("1 件记到你名下了。").wait_for()
    assert kept(guest) == [first.number]
    first.refresh_from_db()
    assert first.reporter == town.stranger


def test_a_report_under_an_account_is_never_kept_on_the_phone(person, town):
    hazard = report(town.six, by=town.rider)
    page = person()
    page.goto(hazard.get_receipt_url())
    page.locator("#this-receipt").wait_for(state="attached")
    page.goto("/")
    page.locator("main").wait_for()
    assert page.locator(LIST).count() == 0
