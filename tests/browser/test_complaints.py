"""投诉建议, from a guest's phone to everybody's page; and the cards, to look at and to print."""

import re

import pytest
from playwright.sync_api import expect

from stations.complaints.models import Complaint
from tests.browser.test_pages import violations

SAID = "驿站晚上的灯太暗，台阶看不清"


def test_a_guest_complains_is_answered_and_it_is_published_without_them(town, person, sizes):
    guest = person()
    guest.goto("/")
    guest.locator("footer").get_by_role("link", name="投诉建议").click()
    guest.get_by_label("想说什么").fill(SAID)
    guest.get_by_label("署名，可以不写").fill("老王")
    guest.get_by_role("button", name="发出").click()
    guest.get_by_role("heading", name="收到了").wait_for()
    receipt = guest.url

    staff = person(town.staff, sizes.desk)
    staff.goto("/me/")
    staff.get_by_role("link", name=re.compile("投诉建议 1 件没答复")).click()
    staff.get_by_role("link", name=re.compile(SAID)).click()
    expect(staff.get_by_text("老王")).to_be_visible()
    staff.get_by_role("textbox", name="答复").fill("周五换亮的灯。")
    staff.get_by_role("button", name="答复").click()
    staff.get_by_text("答复了，写信的人在回执里看得到。").wait_for()

    # Found again on the phone that wrote it, by nothing but the phone.
    guest.goto("/complaints/")
    expect(guest.get_by_text("还没有公开的")).to_be_visible()
    guest.locator("#receipts-list a").click()
    guest.get_by_text("周五换亮的灯。").wait_for()
    assert guest.url == receipt

    staff.get_by_label("问题，用自己的话写").fill("台阶晚上看不清")
    staff.locator("[name=public_answer]").fill("换了亮的灯")
    staff.get_by_role("button", name="公开").click()
    staff.get_by_text("公开了，在「投诉建议」页上。").wait_for()
    stranger = person()
    stranger.goto("/complaints/")
    stranger.get_by_text("台阶晚上看不清").wait_for()
    assert "老王" not in stranger.content()
    assert SAID not in stranger.content()
    assert stranger.locator("#receipts-list a").count() == 0


def test_without_scripts_it_is_sent_and_read_as_well(town, person):
    guest = person(java_script_enabled=False)
    guest.goto("/complaints/")
    guest.get_by_label("想说什么").fill(SAID)
    guest.get_by_label("给街道看").check()
    guest.get_by_role("button", name="发出").click()
    guest.get_by_role("heading", name="收到了").wait_for()
    assert Complaint.objects.get().reader == "subdistrict"


def test_a_page_that_is_come_back_to_sends_another_one(town, person):
    guest = person()
    guest.goto("/complaints/")
    for words in (SAID, "窗户漏风"):
        guest.get_by_label("想说什么").fill(words)
        guest.get_by_role("button", name="发出").click()
        guest.get_by_role("heading", name="收到了").wait_for()
        guest.go_back(wait_until="commit")
        guest.get_by_label("想说什么").wait_for()
    assert Complaint.objects.count() == 2


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_complaints_and_cards(town, person, sizes, scheme):
    guest = person(color_scheme=scheme)
    guest.goto("/complaints/")
    guest.get_by_label("想说什么").fill(SAID)
    guest.get_by_role("button", name="发出").click()
    guest.get_by_role("heading", name="收到了").wait_for()
    staff = person(town.staff, sizes.phone, color_scheme=scheme)
    trouble = [f"receipt {line}" for line in violations(guest)]
    one = Complaint.objects.get()
    cards = [f"/pages/{slug}/" for slug in ("fraud", "fire", "traffic", "0459", "accessibility")]
    cards.append("/rights/")
    walk = {guest: ["/complaints/", *cards], staff: ["/complaints/inbox/", one.get_absolute_url()]}
    for page, addresses in walk.items():
        for address in addresses:
            page.goto(address)
            trouble += [f"{address} {line}" for line in violations(page)]
            for size in (320, 1440, 390):
                page.set_viewport_size({"width": size, "height": 844})
                wide = page.evaluate("document.documentElement.scrollWidth")
                if wide > size:
                    trouble.append(f"{address} is {wide} px wide at {size}")
    assert not trouble, "\n".join(trouble)


@pytest.mark.parametrize("slug", ["fraud", "fire", "traffic"])
def test_a_card_prints_on_one_sheet(town, person, slug):
    page = person()
    page.goto(f"/pages/{slug}/")
    page.emulate_media(media="print")
    expect(page.locator(".big-card h1")).to_be_visible()
    expect(page.locator("footer")).to_be_hidden()
    expect(page.get_by_text("转给别人")).to_be_hidden()
    sheets = page.pdf(format="A4", prefer_css_page_size=True).count(b"/Type /Page\n")
    assert sheets == 1


def test_the_report_form_offers_the_card_of_the_chosen_kind_alone(town, person):
    page = person()
    page.goto("/hazards/report/")
    card = page.locator("#kind-cards").get_by_role("link", name=re.compile("看反诈卡"))
    expect(card).to_be_hidden()
    page.get_by_label("可疑诈骗").check()
    expect(card).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("看消防卡"))).to_be_hidden()
    plain = person(java_script_enabled=False)
    plain.goto("/hazards/report/")
    expect(plain.get_by_role("link", name=re.compile("看消防卡"))).to_be_visible()
