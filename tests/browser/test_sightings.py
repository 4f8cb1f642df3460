"""A case closed too early comes back: by two who pass, or by the one who reported it."""

import pytest
from playwright.sync_api import expect

from hazards.cases import cases
from hazards.cases.models.hazards import Hazard
from hazards.cases.states import State
from tests import media
from tests.factories.hazards import advance, report
from tests.factories.workers import UserFactory
from yuanhang.core import geo


@pytest.fixture
def closed_case(town):
    """Reported by the rider, repaired by the centre's arrangement, closed."""
    hazard = report(
        town.six,
        by=town.rider,
        place="南六街与外环路口",
        point=geo.Point(46.5455, 124.9452, 12.0, "wgs84"),
    )
    return advance(hazard, "closed", reviewer=town.grid_worker, officer=town.officer)


def lines(page):
    """The titles of the timeline."""
    return page.locator(".timeline strong").all_inner_texts()


def titles(page):
    """What the inbox says, newest first."""
    page.goto("/notices/")
    found = page.locator(".row-main strong").all_inner_texts()
    return [title.replace("●", "").strip() for title in found]


def passes_by(page, hazard):
    """From the front page, one tap."""
    page.goto("/")
    page.locator("main").get_by_role("link", name="附近隐患").click()
    # Whoever let the page know the position before finds the nearest first.
    page.get_by_text("你的位置只留在这台手机上").wait_for()
    row = page.locator(f"#case-{hazard.pk}")
    # What is done is asked about with no button; who knows better has one quiet word.
    row.get_by_role("button", name="其实还没好").click()
    row.get_by_text("记下了，谢谢你。").wait_for()
    row.get_by_role("button", name="看错了，是好的").wait_for()


def test_two_who_pass_say_it_is_still_there_and_the_grid_worker_reopens(
    town, person, sizes, closed_case
):
    passes_by(person(town.stranger), closed_case)
    passes_by(person(UserFactory()), closed_case)

    worker = person(town.grid_worker, sizes.desk)
    worker.goto("/notices/")
    worker.locator(".row-item", has_text="办结后有 2 人说还在").click()
    worker.wait_for_url(f"**/hazards/{closed_case.number}/")
    worker.locator("#sightings", has_text="办结后有 2 人说还在").wait_for()
    form = worker.locator("form[data-move=reopen]")
    assert form.get_by_label("哪里还没好").input_value() == "办结后有 2 人路过说还在。"
    form.get_by_role("button", name="还没修好").click()
    worker.locator(".chip", has_text="已受理").first.wait_for()
    assert len(lines(worker)) == 7
    assert lines(worker)[-1] == "重新打开"
    assert worker.locator("#sightings").count() == 0  # a new phase, nobody has spoken yet

    rider = person(town.rider)
    assert titles(rider)[0] == "你报的「井盖道路」，重新打开了"
    rider.locator(".row-item").first.click()
    rider.get_by_text("办结后有 2 人路过说还在。").wait_for()
    assert lines(rider)[0] == "你报了上来"
    assert len(lines(rider)) == 7
    closed_case.refresh_from_db()
    assert (closed_case.state, closed_case.reopened) == (State.ACCEPTED, 1)


def test_the_rider_says_it_is_not_fixed_and_the_case_comes_back_whole(
    town, person, sizes, closed_case, tmp_path
):
    photo = tmp_path / "still.jpg"
    photo.write_bytes(media.jpeg(1200, 900))
    rider = person(town.rider)
    rider.goto(closed_case.get_absolute_url())
    before = lines(rider)
    rider.locator("details", has_text="还没修好").locator("summary").click()
    form = rider.locator("form[data-move=reopen]")
    form.get_by_label("哪里还没好").fill("换了盖子，但是一压还响。")
    form.locator("[data-media=album]").set_input_files(photo)
    form.get_by_role("button", name="发出").click()
    rider.locator(".chip", has_text="已受理").first.wait_for()
    assert (len(lines(rider)), lines(rider)[-1]) == (len(before) + 1, "你说还没修好")

    worker = person(town.grid_worker, sizes.desk)
    assert titles(worker)[0].startswith("还没修好：井盖道路")
    worker.goto("/hazards/queue/")
    worker.locator(f"[data-number={closed_case.number}]").first.click()
    pane = worker.locator("#case-pane")
    pane.get_by_text("「换了盖子，但是一压还响。」").wait_for()
    assert len(lines(worker)) == len(before) + 1
    loaded = pane.locator(".picture img").evaluate_all(
        "async (images) => { await Promise.all(images.map((i) => i.decode()));"
        " return images.map((i) => i.naturalWidth); }"
    )
    assert len(loaded) == 1
    assert loaded[0] > 0
    assert titles(person(town.officer, sizes.desk))[0].startswith("还没修好：井盖道路")


def ids(rows):
    return rows.evaluate_all("(rows) => rows.map((row) => row.id)")


def test_nearest_first_is_sorted_on_the_phone(town, person, closed_case):
    far = report(town.six, category="ice", point=geo.Point(46.549, 124.949, 12.0, "wgs84"))
    placeless = report(town.six, category="leak")
    page = person(town.stranger)
    sent = []
    page.on("request", lambda request: sent.append(f"{request.url} {request.post_data or ''}"))
    # Whoever let the page know the position before need not tap.
    page.goto("/hazards/around/")
    page.get_by_text("你的位置只留在这台手机上").wait_for()
    rows = page.locator(".around-list > li")
    assert ids(rows) == [f"case-{hazard.pk}" for hazard in (closed_case, far, placeless)]
    ways = page.locator(".around-far").all_text_contents()
    assert ways == ["就在你身边", "↗ 往东北 540 米", ""]
    # A tap keeps the order and the distance.
    rows.nth(1).get_by_role("button", name="还在").click()
    rows.nth(1).get_by_text("记下了，谢谢你。").wait_for()
    assert rows.nth(1).get_by_text("↗ 往东北 540 米").is_visible()
    assert [line for line in sent if "46.5" in line or "124.9" in line] == []
    page.get_by_role("button", name="最新的在前").click()
    page.locator("#around-near", has_text="离我近的在前").wait_for()
    assert ids(rows) == [f"case-{hazard.pk}" for hazard in (placeless, far, closed_case)]
    page.get_by_role("button", name="离我近的在前").click()
    page.get_by_text("你的位置只留在这台手机上").wait_for()
    assert ids(rows)[0] == f"case-{closed_case.pk}"


@pytest.mark.parametrize(
    ("north", "east", "words"),
    [
        (0, 0.0046, "→ 往东 350 米"),
        (-0.009, 0, "↓ 往南 1.0 公里"),
        (0.02, -0.029, "↖ 往西北 3.1 公里"),
        (0.0002, 0.0001, "就在你身边"),
    ],
)
def test_a_way_is_one_arrow_and_a_round_number(town, person, north, east, words):
    report(town.six, point=geo.Point(46.545, 124.945, 12.0, "wgs84"))
    page = person(town.stranger)
    here = {"latitude": 46.545 - north, "longitude": 124.945 - east, "accuracy": 12}
    page.context.set_geolocation(here)
    page.goto("/hazards/around/")
    expect(page.locator(".around-far")).to_have_text(words)


def test_without_scripts_a_tap_comes_back_to_the_row(town, person, closed_case):
    waiting = report(town.six, category="ice")
    page = person(town.stranger, java_script_enabled=False)
    page.goto("/hazards/around/")
    page.get_by_role("button", name="已修好").click()
    page.get_by_text("记下了，谢谢你。").wait_for()
    assert page.url.endswith(f"/hazards/around/#case-{waiting.pk}")
    still = page.get_by_role("button", name="还在")
    still.click()
    expect(still).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="其实还没好").click()
    page.get_by_role("button", name="看错了，是好的").wait_for()
    assert page.url.endswith(f"/hazards/around/#case-{closed_case.pk}")
    cases.reopen(
        Hazard.objects.get(pk=closed_case.pk), by=town.grid_worker, role="reviewer", reason="又坏了"
    )
    page.reload()
    assert page.get_by_role("button", name="其实还没好").count() == 0
    assert page.get_by_role("button", name="还在").count() == 2
