"""A rider's screens: the same tools everywhere, one question at a time, room at 320 px."""

import re

import pytest
from playwright.sync_api import expect

from hazards.cases import cases, recordings
from hazards.cases.models.attachments import HazardPhoto, HazardVoice
from hazards.cases.models.hazards import Hazard
from tests import media
from tests.browser.test_pages import NARROW
from tests.factories.hazards import advance, report

LONG = "南六街与外环路口北侧第三个公交站台背后的自行车棚旁边的那个井盖" * 2


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "a.jpg"
    path.write_bytes(media.jpeg(1600, 1200))
    return path


@pytest.fixture
def asked(town):
    """A report whose reporter was asked something."""
    hazard = report(town.six, by=town.rider)
    return cases.ask_info(hazard, by=town.grid_worker, reason="路口东边还是西边？旁边有什么店？")


def no_native_control(page):
    """None of the browser's own file buttons and players is to be seen."""
    shown = page.evaluate(
        """() => [...document.querySelectorAll("input[type=file], audio")].filter((node) => {
            const style = getComputedStyle(node);
            return node.getClientRects().length && style.opacity !== "0";
        }).length"""
    )
    assert shown == 0


def hold(page, button):
    box = button.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    expect(button).to_contain_text("松手就好")
    page.wait_for_timeout(1500)
    page.mouse.up()


def test_an_answer_is_photographed_spoken_and_heard_before_it_is_sent(
    town, person, sizes, asked, picture
):
    page = person(town.rider, sizes.phone)
    page.goto(asked.get_absolute_url())
    expect(page.locator("h1 .sentence")).to_have_text(["路口东边还是西边？", "旁边有什么店？"])
    expect(page.locator("h1")).to_have_count(1)
    no_native_control(page)
    form = page.locator("#answer")
    form.locator("[data-media=camera]").set_input_files(picture)
    shot = form.locator(".shots img")
    expect(shot).to_have_count(1)
    expect(shot).to_be_in_viewport()
    # The second photo joins the first; a cross takes one away.
    form.locator("[data-media=album]").set_input_files([picture, picture])
    expect(shot).to_have_count(3)
    form.get_by_role("button", name="去掉照片 3").click()
    expect(shot).to_have_count(2)
    talk = form.locator("[data-media=talk]")
    hold(page, talk)
    note = form.locator(".voice")
    expect(note).to_be_visible()
    expect(note.locator("rect")).to_have_count(40)
    expect(note.locator(".voice-length")).to_have_text(re.compile("^0:0[12]$"))
    note.get_by_role("button", name="播放").click()
    expect(note).to_have_class("voice is-playing")
    no_native_control(page)
    page.get_by_role("button", name="发出").click()
    expect(page.get_by_text("补充收到了")).to_be_visible()
    assert HazardPhoto.objects.filter(hazard=asked).count() == 2
    kept = HazardVoice.objects.get(hazard=asked)
    assert recordings.convert(kept.pk)  # as the queue does
    kept.refresh_from_db()
    assert len(kept.wave) == 40
    page.reload()
    stored = page.locator(".voice[data-voice]")
    expect(stored.first.locator("rect")).to_have_count(40)
    no_native_control(page)


def test_a_short_tap_says_how_to_stop(town, person, sizes, asked):
    page = person(town.rider, sizes.phone)
    page.goto(asked.get_absolute_url())
    talk = page.locator("#answer [data-media=talk]")
    talk.click()
    expect(talk).to_contain_text("再点一下停")
    page.wait_for_timeout(900)
    talk.click()
    expect(page.locator("#answer .voice")).to_be_visible()
    page.get_by_role("button", name="重说").click()
    expect(page.locator("#answer .voice")).to_be_hidden()
    assert page.locator("#answer [data-media=voice]").evaluate("node => node.files.length") == 0


def test_without_scripts_the_tile_names_the_file_and_sends_it(town, person, sizes, picture, client):
    hazard = report(town.six)
    cases.ask_info(hazard, by=town.grid_worker, reason="哪一侧？")
    page = person(None, sizes.phone, java_script_enabled=False)
    page.goto(hazard.get_receipt_url())
    page.locator("#answer [data-media=album]").set_input_files(picture)
    page.get_by_role("button", name="发出").click()
    page.get_by_text("补充收到了").wait_for()
    assert HazardPhoto.objects.filter(hazard=hazard).count() == 1


def test_when_it_is_done_thanks_open_nothing_red(town, person, sizes):
    hazard = advance(report(town.six, by=town.rider), "closed", reviewer=town.grid_worker)
    page = person(town.rider, sizes.phone)
    page.goto(hazard.get_absolute_url())
    expect(page.locator("input:checked")).to_have_count(0)
    page.get_by_role("button", name="修好了，谢谢").click()
    expect(page.get_by_text("谢谢你告诉我们。")).to_be_visible()
    expect(page.locator("details[open]")).to_have_count(0)
    expect(page.get_by_text("现在修好了吗？")).to_have_count(0)
    hazard.refresh_from_db()
    assert hazard.rating == 3


def test_a_complaint_has_the_tools_too(town, person, sizes, picture):
    hazard = advance(report(town.six, by=town.rider), "closed", reviewer=town.grid_worker)
    page = person(town.rider, sizes.phone)
    page.goto(hazard.get_absolute_url())
    page.locator("summary", has_text="还没修好").click()
    form = page.locator("form[data-move=reopen]")
    no_native_control(page)
    form.locator("[data-media=camera]").set_input_files(picture)
    expect(form.locator(".shots img")).to_be_in_viewport()
    form.get_by_label("哪里还没好").fill("又翘了")
    form.get_by_role("button", name="发出").click()
    expect(page.locator(".case-head")).to_contain_text("已受理")
    hazard.refresh_from_db()
    assert hazard.state == "accepted"


def test_long_words_break_and_nothing_is_a_column_of_single_characters(town, person):
    hazard = report(town.six, by=town.rider, place=LONG[:80])
    cases.ask_info(hazard, by=town.grid_worker, reason="x" * 120)
    page = person(town.rider, NARROW)
    for address in ("/", "/me/", "/hazards/mine/", hazard.get_absolute_url()):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"], address
        narrow = page.evaluate(
            """() => [...document.querySelectorAll("main .row-main")]
                .filter((node) => node.getClientRects().length && node.clientWidth < 120)
                .map((node) => node.textContent.trim().slice(0, 30))"""
        )
        assert narrow == [], address


def test_the_chosen_kind_folds_and_takes_one_more_tap(town, person, sizes):
    page = person(None, sizes.phone)
    page.goto("/hazards/report/")
    expect(page.locator("#symptoms")).to_be_hidden()
    page.locator(".category", has_text="井盖道路").click()
    expect(page.locator(".category:visible")).to_have_count(1)
    words = page.locator("#symptoms label:visible")
    expect(words).to_have_text(["缺了", "翘了", "响", "旁边塌"])
    words.nth(1).click()
    expect(words.nth(1).locator("input")).to_be_checked()
    words.nth(1).click()
    expect(words.nth(1).locator("input")).not_to_be_checked()
    words.nth(2).click()
    page.get_by_role("button", name="换一样").click()
    expect(page.locator(".category:visible")).to_have_count(12)
    page.locator(".category", has_text="路灯").click()
    expect(words).to_have_text(["不亮", "歪了", "露电线"])
    expect(page.locator("#symptoms input:checked")).to_have_count(0)
    words.first.click()
    page.get_by_label("想补一句？").fill("巷子里")
    page.get_by_role("button", name="发出").click()
    page.get_by_text("收到了，谢谢你").wait_for()
    hazard = Hazard.objects.get()
    assert (hazard.category_id, hazard.symptom.text) == ("street_light", "不亮")


def test_the_hub_leads_everywhere_and_back(town, person, sizes):
    report(town.six, by=town.rider)
    page = person(town.rider, sizes.phone)
    page.goto("/")
    page.locator(".topbar-name").click()
    page.get_by_role("link", name="我报的 1 件").click()
    page.wait_for_url("**/hazards/mine/")
