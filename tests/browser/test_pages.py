"""Every page on small and large screens, light and dark: readable, in bounds, script or none."""

import io

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from hazards.cases import recordings
from hazards.cases.attachments import Attachments
from hazards.cases.models.hazards import Hazard
from tests import media
from tests.factories.hazards import advance, report
from tests.factories.stations import OpeningHoursFactory, with_streets
from tests.factories.workers import PASSWORD
from yuanhang.core.media import photos, voice

NARROW = {"width": 320, "height": 640}  # what 200 % zoom leaves of a small phone, and WCAG 1.4.10
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}


@pytest.fixture
def walk(town):
    """The pages of each person, with something to see on each."""
    OpeningHoursFactory(station=town.station, weekday=0, opens="07:00", closes="21:00")

    def found():
        return Attachments(
            photos=[photos.process(io.BytesIO(media.jpeg(800, 600)))],
            voices=[voice.convert(io.BytesIO(media.webm(2)))],
        )

    mine = report(town.six, by=town.rider, place="南六街与外环路口", attachments=found())
    asked = report(town.six, by=town.rider, category="ice")
    closed = report(town.six, by=town.rider, category="leak", attachments=found())
    advance(closed, "closed", reviewer=town.grid_worker, officer=town.officer)
    return {
        None: [
            "/",
            "/hazards/report/",
            "/hazards/lookup/",
            mine.get_receipt_url(),
            town.station.get_absolute_url(),
            f"{town.station.get_absolute_url()}poster/",
            "/accounts/login/",
            f"/accounts/signup/?station={town.station.slug}",
            "/workers/privacy/",
            "/accounts/password/reset/",
        ],
        town.rider: [
            "/",
            "/hazards/report/",
            "/hazards/mine/",
            "/hazards/around/",
            mine.get_absolute_url(),
            closed.get_absolute_url(),
            "/notices/",
            "/me/",
            "/workers/me/",
            "/accounts/password/change/",
            "/accounts/logout/",
        ],
        town.grid_worker: [
            "/hazards/queue/",
            f"/hazards/queue/?tab=all&case={asked.number}",
            "/hazards/queue/?q=没有这个词",
            mine.get_absolute_url(),
            closed.get_absolute_url(),
        ],
        town.officer: ["/hazards/queue/"],
        town.stranger: ["/hazards/around/", "/hazards/fixed/"],
    }


def violations(page):
    """What axe objects to, one line each."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [
        f"{rule['id']}: {node['target']} {node['failureSummary'][:160]}"
        for rule in found
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_sticks_out(walk, person, sizes, scheme):
    trouble = []
    for user, addresses in walk.items():
        page = person(user, sizes.phone, color_scheme=scheme)
        for address in addresses:
            page.goto(address)
            trouble += [f"{address} {line}" for line in violations(page)]
            for size in (NARROW, sizes.desk, sizes.phone):
                page.set_viewport_size(size)
                wide = page.evaluate("document.documentElement.scrollWidth")
                if wide > size["width"]:
                    trouble.append(f"{address} is {wide} px wide at {size['width']}")
    assert not trouble, "\n".join(trouble)


def test_the_look_at_a_page_sees_what_is_wrong(person):
    page = person()
    page.set_content("<html><body><p style='color: #bbb'>浅色的字</p><input></body></html>")
    seen = {line.split(":")[0] for line in violations(page)}
    assert {"color-contrast", "label", "document-title", "html-has-lang"} <= seen


def test_what_a_thumb_must_hit_is_48_pixels_high(walk, person, sizes):
    """Buttons and links that stand alone; links inside a sentence are text."""
    small = """() => [...document.querySelectorAll(
        'main button, main a:not(p a), .action-bar a, .action-bar button, summary, .category, .tab'
    )].filter((n) => n.offsetParent && n.getBoundingClientRect().height < 47.5)
      .map((n) => n.outerHTML.slice(0, 120) + ' ' + n.getBoundingClientRect().height)"""
    trouble = []
    for user, addresses in walk.items():
        page = person(user, sizes.phone)
        for address in addresses:
            page.goto(address)
            trouble += [f"{address} {line}" for line in page.evaluate(small)]
    assert not trouble, "\n".join(trouble)


def test_without_scripts_the_plain_form_reports_with_photo_and_voice(town, person, tmp_path):
    photo, note = tmp_path / "a.jpg", tmp_path / "a.m4a"
    photo.write_bytes(media.jpeg(1200, 900))
    note.write_bytes(media.m4a(3))
    page = person(java_script_enabled=False)
    page.goto("/hazards/report/")
    page.get_by_label("路灯").check()
    page.locator("#album").set_input_files(photo)
    page.locator("#voice-input").set_input_files(note)
    page.get_by_label("想补一句？").fill("两盏灯不亮")
    page.get_by_text("知道是哪个网格").click()
    page.locator("#id_grid").select_option(label="远航社区 · 第六网格")
    page.get_by_role("button", name="发出").click()
    page.get_by_text("收到了，谢谢你").wait_for()
    hazard = Hazard.objects.get()
    assert (hazard.category_id, hazard.grid, hazard.description) == (
        "street_light",
        town.six,
        "两盏灯不亮",
    )
    assert (hazard.photos.count(), hazard.voices.count()) == (1, 1)
    page.get_by_text("语音正在整理").wait_for()
    assert recordings.convert(hazard.voices.get().pk)  # as the queue does
    page.reload()
    assert page.locator("audio").count() == 1


def test_by_keyboard_alone_from_the_front_page_to_the_receipt(town, person, sizes):
    page = person(size=sizes.desk)
    page.goto("/")
    tab_to(page, "报隐患")
    page.keyboard.press("Enter")
    page.wait_for_url("**/hazards/report/")
    tab_to(page, "manhole")
    page.keyboard.press("Space")
    tab_to(page, "description")
    page.keyboard.type("井盖翘了")
    tab_to(page, "发出")
    page.keyboard.press("Enter")
    page.get_by_text("收到了，谢谢你").wait_for()
    assert Hazard.objects.get().category_id == "manhole"


def tab_to(page, wanted):
    """Press Tab until the focus is on what is wanted; its focus must be visible."""
    for _ in range(60):
        page.keyboard.press("Tab")
        focus = page.evaluate(
            "(() => { const n = document.activeElement;"
            " return [n.value || '', n.name || '', n.textContent || ''].join('|'); })()"
        )
        if wanted in focus:
            return
    pytest.fail(f"Tab never reached {wanted}")


def test_a_form_in_error_keeps_photos_words_and_place(town, person, tmp_path):
    photo = tmp_path / "a.jpg"
    photo.write_bytes(media.jpeg(1200, 900))
    page = person()
    page.goto("/hazards/report/")
    page.locator("#album").set_input_files(photo)
    page.locator("#shots img").wait_for()
    page.get_by_label("想补一句？").fill("路灯坏了")
    page.get_by_text("留个称呼和电话").click()
    page.get_by_label("手机号").fill("123")
    page.get_by_role("button", name="发出").click()
    page.get_by_text("请填 11 位手机号").wait_for()
    assert page.locator("#shots img").count() == 1
    assert page.get_by_label("想补一句？").input_value() == "路灯坏了"
    page.get_by_label("手机号").fill("10000012345")
    page.get_by_role("button", name="发出").click()
    page.get_by_text("收到了，谢谢你").wait_for()
    hazard = Hazard.objects.get()
    assert (hazard.contact_phone, hazard.photos.count()) == ("10000012345", 1)


def test_new_arrivals_appear_in_the_queue_by_themselves(town, person, sizes):
    page = person(town.grid_worker, sizes.desk)
    page.goto("/hazards/queue/")
    page.get_by_text("都处理完了").wait_for()
    hazard = report(town.six, place="商服一条街")
    row = page.locator(f"[data-number={hazard.number}]")
    row.wait_for(timeout=20_000)
    row.click()
    page.locator("#case-pane h1", has_text="商服一条街").wait_for()
    assert f"case={hazard.number}" in page.url


def test_two_grid_workers_press_accept_and_the_second_hears_who_was_faster(town, person, sizes):
    hazard = report(town.six)
    first, second = (person(town.grid_worker, sizes.desk) for _ in range(2))
    for page in (first, second):
        page.goto(f"/hazards/queue/?case={hazard.number}")
        page.locator("#case-pane").get_by_label("立案标准").select_option(index=1)
    first.get_by_role("button", name="受理", exact=True).click()
    first.locator("#case-pane .chip", has_text="已受理").wait_for()
    second.get_by_role("button", name="受理", exact=True).click()
    second.get_by_text("已被他人处理，现在是「已受理」。").wait_for()
    # Each hears it where they are: the button was far down, the words are at the top.
    for page, words in ((first, "好了，现在是「已受理」。"), (second, "已被他人处理")):
        said = page.locator("#case").get_by_text(words)
        expect(said).to_be_focused()
        expect(said).to_be_in_viewport()
    assert hazard.steps.filter(verb="accept").count() == 1


def test_who_was_logged_out_overnight_comes_back_to_the_case(town, person, sizes):
    hazard = report(town.six)
    page = person(town.grid_worker, sizes.desk)
    page.goto(f"/hazards/queue/?case={hazard.number}")
    page.locator("#case-pane").get_by_label("立案标准").select_option(index=1)
    Session.objects.all().delete()
    page.get_by_role("button", name="受理", exact=True).click()
    page.get_by_text("刚才那一步没存上").wait_for()
    page.get_by_label("手机号").fill(town.grid_worker.phone)
    page.get_by_label("密码").fill(PASSWORD)
    page.locator("#login-form [type=submit]").click()
    page.wait_for_url(f"**/hazards/queue/?case={hazard.number}")
    expect(page.locator("#case-pane .chip").first).to_contain_text("待受理")


@pytest.mark.parametrize(
    ("accuracy", "words"),
    [
        (12, "误差约 12 米"),
        (60, "约 60 米（大概在这一片）"),
        (500, "约 500 米（不准，请写地点）"),
    ],
)
def test_the_position_says_how_good_it_is_in_words_and_to_scale(town, person, accuracy, words):
    with_streets(town.community, town.staff)
    page = person()
    page.context.set_geolocation({"latitude": 46.5452, "longitude": 124.9447, "accuracy": accuracy})
    page.goto("/hazards/report/")
    page.locator("#locate-map svg").wait_for()
    expect(page.locator("#locate-detail")).to_contain_text(words)
    # The street is 15 m wide, and the circle drawn to the same scale.
    circle = float(page.locator("#locate-map .ground-error").get_attribute("r"))
    street = float(page.locator("#locate-map .ground-way").first.get_attribute("stroke-width"))
    if accuracy < 100:
        assert circle / street == pytest.approx(accuracy / 15, rel=0.1)
    assert circle < 60


def test_the_preview_in_the_pane_says_the_words_and_moves_nothing(town, person, sizes):
    hazard = report(town.six, by=town.rider)
    page = person(town.grid_worker, sizes.desk)
    page.goto(f"/hazards/queue/?case={hazard.number}")
    pane = page.locator("#case-pane")
    pane.locator(".case-bar").get_by_role("link", name="不受理").click()
    form = pane.locator("form[data-move=reject]")
    form.locator("[name=reason]").fill("已经转给物业了。")
    form.locator(".preview").click()
    pane.get_by_text("原因：已经转给物业了。").wait_for()
    hazard.refresh_from_db()
    assert hazard.state == "submitted"
    # Enter in a line of text is the move itself, not the button beside it.
    form.locator("[name=note]").press("Enter")
    pane.locator(".chip", has_text="不受理").wait_for()
    hazard.refresh_from_db()
    assert hazard.state == "rejected"
