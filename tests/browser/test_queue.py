"""The queue by hand: keys, the next one, several at once, and what follows what arrives."""

import re

import pytest
from playwright.sync_api import expect

from hazards.cases.attachments import Attachments
from hazards.cases.models.hazards import Hazard
from hazards.catalogue.models import StandardCase
from tests import media
from tests.factories.hazards import report, standard, stored_photo, stored_voice
from tests.hazards.review.queue_help import waiting

QUEUE = "/hazards/queue/"


@pytest.fixture
def line(town):
    """Three cases in order, with one standard that fits."""
    StandardCase.categories.through.objects.all().delete()
    rows = []
    for n in range(3):
        files = Attachments(
            photos=[stored_photo(media.jpeg(640, 480))], voices=[stored_voice(media.wav(2.0))]
        )
        case = report(town.six, by=town.rider, place=f"{n} 号路口", attachments=files)
        rows.append(waiting(case, minutes=30 - n, urgency=3))
    standard().categories.set([rows[0].category])
    return rows


def heading(page):
    return page.locator("#case-pane h1")


def test_the_first_case_is_open_and_the_keys_walk_the_line(town, person, sizes, line):
    page = person(town.grid_worker, sizes.desk)
    page.goto(QUEUE)
    expect(heading(page)).to_contain_text("0 号路口")
    expect(page.locator(".bar-place")).to_have_text("第 1 件，共 3 件")
    page.keyboard.press("j")
    expect(heading(page)).to_contain_text("1 号路口")
    expect(page.locator(".case-row[aria-current]")).to_contain_text("1 号路口")
    assert f"case={line[1].number}" in page.url
    # The standard is chosen already, and the promise is read before the button is pressed.
    expect(page.locator("#case-pane .foretold")).to_contain_text("点「受理」，上报人会看到")
    page.keyboard.press("a")
    page.locator("#case-pane .chip", has_text="已受理").wait_for()
    assert Hazard.objects.get(pk=line[1].pk).state == "accepted"
    page.keyboard.press("j")
    expect(heading(page)).to_contain_text("2 号路口")


def test_no_key_fires_while_somebody_types(town, person, sizes, line):
    page = person(town.grid_worker, sizes.desk)
    page.goto(QUEUE)
    for field in ("#find", "#case-pane [name=note]", "#case-pane [name=gist]"):
        page.locator(field).first.click()
        page.keyboard.type("ja/aj")
        expect(page.locator(field).first).to_have_value("ja/aj")
    page.locator("#case-pane [name=standard_case]").focus()
    page.keyboard.press("j")
    expect(heading(page)).to_contain_text("0 号路口")
    page.locator("#case-pane h1").click()
    page.keyboard.press("Control+a")
    expect(heading(page)).to_contain_text("0 号路口")
    assert not Hazard.objects.exclude(state="submitted").exists()
    page.keyboard.press("/")
    expect(page.locator("#find")).to_be_focused()


def test_counts_and_title_follow_what_arrives_and_what_is_ticked_stays(town, person, sizes, line):
    page = person(town.grid_worker, sizes.desk)
    page.goto(QUEUE)
    expect(page).to_have_title(re.compile(r"^\(3\) 隐患队列"))
    page.locator(f"input[value='{line[1].number}']").check()
    expect(page.locator(".together")).to_contain_text("选了 1 件")
    page.locator("#case-pane [name=note]").first.fill("还没写完")
    report(town.six, place="新来的路口")
    expect(page.locator(".case-row", has_text="新来的路口")).to_be_visible(timeout=20_000)
    expect(page).to_have_title(re.compile(r"^\(4\) "))
    expect(page.locator(".tab[aria-current]")).to_have_text(re.compile("待我处理 4"))
    expect(page.locator(f"input[value='{line[1].number}']")).to_be_checked()
    expect(page.locator(".together")).to_contain_text("选了 1 件")
    # What is being written beside the list is left alone.
    expect(page.locator("#case-pane [name=note]").first).to_have_value("还没写完")


def test_all_of_a_page_are_ticked_and_left_by_one_word(town, person, sizes, line):
    page = person(town.grid_worker, sizes.desk)
    page.goto(QUEUE)
    expect(page.locator("[data-all]")).to_be_hidden()
    page.locator(f"input[value='{line[1].number}']").check()
    page.get_by_role("button", name="全选").click()
    expect(page.locator(".together")).to_contain_text("选了 3 件")
    page.get_by_role("button", name="都不选").click()
    expect(page.locator("input[name=case]:checked")).to_have_count(0)
    expect(page.locator(".together")).to_be_hidden()


def test_another_standard_tells_another_promise(town, person, sizes, line):
    page = person(town.grid_worker, sizes.desk)
    page.goto(QUEUE)
    told = page.locator("#case-pane .foretold")
    expect(told).to_contain_text("2 紧急工作时")
    other = StandardCase.objects.filter(unit="work_days").first()
    page.locator("#case-pane [name=standard_case]").select_option(value=str(other.pk))
    expect(told).to_contain_text(other.limit_words)
    assert Hazard.objects.filter(state="submitted").count() == 3


@pytest.mark.parametrize("scripts", [True, False])
def test_several_are_accepted_with_and_without_scripts(town, person, sizes, line, scripts):
    page = person(town.grid_worker, sizes.desk, java_script_enabled=scripts)
    page.goto(QUEUE)
    for case in line[:2]:
        page.locator(f"input[value='{case.number}']").check()
    page.get_by_role("button", name="一起受理").click()
    expect(page.locator(".case-row")).to_have_count(2)
    page.get_by_role("button", name="一起受理").click()
    page.get_by_text("办成 2 件").wait_for()
    states = [Hazard.objects.get(pk=case.pk).state for case in line]
    assert states == ["accepted", "accepted", "submitted"]


def test_without_scripts_the_first_case_is_open_and_the_next_a_link(town, person, sizes, line):
    page = person(town.grid_worker, sizes.desk, java_script_enabled=False)
    page.goto(QUEUE)
    expect(heading(page)).to_contain_text("0 号路口")
    page.get_by_role("link", name="下一件").last.click()
    expect(page.locator("#case h1")).to_contain_text("1 号路口")
    page.get_by_role("button", name="受理", exact=True).click()
    page.locator("#case .chip", has_text="已受理").wait_for()
    page.get_by_role("link", name="下一件").click()
    expect(page.locator("#case h1")).to_contain_text("2 号路口")


def test_a_phone_shows_the_first_case_as_a_card_and_the_rest_as_rows(town, person, sizes, line):
    page = person(town.grid_worker, sizes.phone)
    page.goto(QUEUE)
    expect(page.locator(".first-card h2")).to_contain_text("0 号路口")
    expect(page.locator("#case-pane")).to_be_hidden()
    expect(page.locator(".case-row:visible")).to_have_count(2)
    page.get_by_role("link", name="受理，我去看").click()
    expect(page.locator("#case h1")).to_contain_text("0 号路口")
    page.get_by_role("link", name="下一件").click()
    expect(page.locator("#case h1")).to_contain_text("1 号路口")
    assert page.evaluate("document.documentElement.scrollWidth") == page.viewport_size["width"]


def test_a_voice_note_is_written_down_beside_the_list(town, person, sizes, line):
    page = person(town.grid_worker, sizes.desk)
    page.goto(QUEUE)
    page.locator("#case-pane [name=gist]").fill("井盖翘了一角")
    page.locator("#case-pane .gist-form").get_by_role("button", name="记下").click()
    page.locator("#case-pane .gist", has_text="「井盖翘了一角」").wait_for()
    assert Hazard.objects.get(pk=line[0].pk).heard == "井盖翘了一角"
    # The queue is still around it.
    expect(page.locator(".bar-place")).to_have_text("第 1 件，共 3 件")
