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
CASES = re.compile(r"/hazards/queue/YH[^/]+/")  # one of them, not the list


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


def of_cases(page):
    """The addresses of single cases that a page asks for, from now on."""
    asked = []
    page.on("request", lambda one: re.search(CASES, one.url) and asked.append(one.url))
    return asked


SHIFTS = """() => new Promise((done) => {
  const sum = (list) => list.getEntries().reduce((all, one) => all + one.value, 0);
  const seen = new PerformanceObserver((list) => done(sum(list)));
  seen.observe({ type: "layout-shift", buffered: true });
  setTimeout(() => done(0), 500);
})"""


def test_the_first_case_opens_on_arrival_and_leaves_all_else_alone(town, person, sizes, line):
    page = person(town.grid_worker, sizes.desk)
    page.goto("/me/")
    before, asked = page.evaluate("history.length"), of_cases(page)
    page.goto(QUEUE)
    expect(heading(page)).to_contain_text("0 号路口")
    expect(page.locator(".case-row[aria-current]")).to_contain_text("0 号路口")
    assert [address.split("/")[-2] for address in asked] == [line[0].number]
    # One entry more, for the page itself, under the address that was asked for.
    assert page.evaluate("history.length") == before + 1
    assert page.url.endswith(QUEUE)
    assert page.evaluate("document.activeElement.tagName") == "BODY"
    assert page.evaluate(SHIFTS) < 0.01
    # Whoever asks for a case has it in the page, and sets filters without one.
    page.goto(f"{QUEUE}?case={line[1].number}")
    expect(heading(page)).to_contain_text("1 号路口")
    page.goto(f"{QUEUE}?filters=1")
    expect(page.locator("#case-pane")).to_contain_text("选好条件")
    assert len(asked) == 1


def test_a_narrow_screen_asks_for_no_case_until_it_is_wide(town, person, sizes, line):
    page = person(town.grid_worker, sizes.phone)
    asked = of_cases(page)
    page.goto(QUEUE, wait_until="networkidle")
    expect(page.locator(".first-card h2")).to_contain_text("0 号路口")
    assert asked == []
    for size in (sizes.desk, sizes.phone, sizes.desk):
        page.set_viewport_size(size)
        expect(heading(page)).to_contain_text("0 号路口")
    assert len(asked) == 1


@pytest.mark.parametrize("fault", ["line", "server"])
def test_a_first_case_that_does_not_come_leaves_the_list(town, person, sizes, line, fault):
    page = person(town.grid_worker, sizes.desk, weak=True)
    page.add_init_script("console.error = () => {}")  # htmx tells it there, too
    faults = {"line": lambda one: one.abort(), "server": lambda one: one.fulfill(status=503)}
    page.route(CASES, faults[fault])
    page.goto(QUEUE)
    expect(page.get_by_role("alert")).to_contain_text("这一件没打开")
    expect(page.get_by_role("alert")).to_contain_text("点左边的再试一次")
    expect(page.get_by_text("正在打开")).to_be_hidden()
    page.locator(".case-row").first.click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert "case=" not in page.url
    page.unroute(CASES)
    page.locator(".case-row").first.click()
    expect(heading(page)).to_contain_text("0 号路口")
    assert page.url.endswith(f"?case={line[0].number}")


def test_the_first_case_is_asked_for_once_though_its_row_is_pressed(town, person, sizes, line):
    page, held = person(town.grid_worker, sizes.desk), []
    page.route(CASES, lambda one: held.append(one))
    page.goto(QUEUE)
    expect(page.get_by_text("正在打开")).to_be_visible()
    expect(page.get_by_text("点左边一件来处理")).to_be_hidden()
    page.locator(".case-row").first.click()
    held[0].continue_()
    expect(heading(page)).to_contain_text("0 号路口")
    page.wait_for_url(f"**{QUEUE}?case={line[0].number}")
    # Another answer would wipe out what was begun in the first.
    assert len(held) == 1
    page.locator(".case-row").first.click()
    assert len(held) == 1


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


def test_without_scripts_rows_are_links_and_so_is_the_next_one(town, person, sizes, line):
    page = person(town.grid_worker, sizes.desk, java_script_enabled=False)
    page.goto(QUEUE)
    expect(page.get_by_text("点左边一件来处理")).to_be_visible()
    expect(page.get_by_text("正在打开")).to_be_hidden()
    # A case that was asked for is there without any script.
    page.goto(f"{QUEUE}?case={line[0].number}")
    expect(heading(page)).to_contain_text("0 号路口")
    page.goto(QUEUE)
    page.locator(".case-row").first.click()
    expect(page.locator("#case h1")).to_contain_text("0 号路口")
    page.get_by_role("link", name="下一件").click()
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
