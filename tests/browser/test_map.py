"""The maps in a real browser: ours without any other host, by finger and by keyboard."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from hazards.cases.attachments import Attachments
from hazards.cases.models.hazards import Hazard
from hazards.published import public
from tests import media
from tests.browser.conftest import log_in
from tests.factories.hazards import advance, report, stored_photo
from tests.factories.stations import LandmarkFactory
from yuanhang.core.geo import Point

NARROW = {"width": 320, "height": 640}
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}

# What a thumb must hit and is smaller than 48 px.
SMALL = """() => [...document.querySelectorAll('main button, main a:not(.skip), summary')]
    .filter((n) => n.offsetParent && n.getBoundingClientRect().height < 47.5)
    .map((n) => n.outerHTML.slice(0, 90))"""


def at(latitude, longitude):
    return Point(latitude, longitude, 10)


@pytest.fixture
def cases(town):
    """Three cases of grid six in three states, far enough from each other to be touched."""
    LandmarkFactory(community=town.community, name="大集东口", latitude=46.548, longitude=124.948)
    waiting = report(town.six, place="西南角", point=at(46.542, 124.942))
    accepted = report(town.six, place="东南角", point=at(46.542, 124.948))
    accepted = advance(accepted, "accepted", reviewer=town.grid_worker)
    escalated = report(town.six, place="西北角", point=at(46.548, 124.942))
    advance(escalated, "escalated", reviewer=town.grid_worker)
    report(town.one, place="隔壁", point=at(46.545, 124.935))
    return {"waiting": waiting, "accepted": accepted, "escalated": escalated}


def trouble(page, sizes):
    """What axe objects to, and what sticks out at three widths."""
    found = [
        f"{rule['id']}: {node['target']} {node['failureSummary'][:200]}"
        for rule in Axe().run(page, options=RULES).response["violations"]
        for node in rule["nodes"]
    ]
    for size in (NARROW, sizes.desk, sizes.phone):
        page.set_viewport_size(size)
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > size["width"]:
            found.append(f"{wide} px wide at {size['width']}")
    return found


def opened(page):
    """The map page with its cases drawn."""
    page.goto("/hazards/map/")
    page.locator("#map-status", has_text="件").wait_for()
    return page


def test_the_map_shows_grids_and_cases_without_any_other_host(town, cases, person, sizes):
    page = opened(person(town.grid_worker, sizes.desk))
    assert page.locator("path.map-grid").count() == 3
    names = page.locator(".map-grid-name").all_inner_texts()
    assert sorted(names) == ["景山一网格", "第一网格", "第六网格"]
    assert page.locator(".map-seal-name").all_inner_texts() == ["大集东口", "庆小驿温暖站"]
    pins = page.locator("#hazard-map [role=button][data-number]")
    assert {text.split()[0] for text in pins.all_inner_texts()} == {"○", "△", "◔"}
    assert {text.split()[1] for text in pins.all_inner_texts()} == {"井"}
    assert page.locator("#map-rows .case-row").count() == 3
    assert page.locator("#map-status").inner_text() == "地图上 3 件"


def test_row_and_marker_are_marked_together(town, cases, person, sizes):
    page = opened(person(town.grid_worker, sizes.desk))
    number = cases["accepted"].number
    pin = page.locator(f"#hazard-map [data-number={number}]")
    row = page.locator(f"#map-rows [data-number={number}]")
    row.hover()
    assert "is-marked" in pin.get_attribute("class")
    page.mouse.move(0, 0)
    assert "is-marked" not in pin.get_attribute("class")
    pin.focus()
    assert "is-marked" in row.get_attribute("class")
    pin.press("Enter")
    page.locator(".map-popup a").click()
    page.wait_for_url(f"**/hazards/{number}/")


def test_from_afar_there_is_one_number_a_grid(town, cases, person, sizes):
    page = opened(person(town.staff, sizes.phone))
    badges = page.locator(".map-badge")
    badges.first.wait_for()
    assert sorted(badges.all_inner_texts()) == ["1\n第一网格", "3\n第六网格"]
    assert page.locator("#hazard-map [data-number]").count() == 0
    page.locator(f"[data-grid='{town.six.pk}']").click()
    page.locator("#hazard-map [data-number]").first.wait_for()
    assert page.locator("#hazard-map [data-number]").count() >= 3


def test_nearest_first_is_sorted_on_the_phone_and_sends_no_position(town, cases, person, sizes):
    page = opened(person(town.grid_worker, sizes.phone))
    page.context.set_geolocation({"latitude": 46.5425, "longitude": 124.9478})
    sent = []
    page.on("request", lambda request: sent.append(request.url + (request.post_data or "")))
    page.get_by_role("button", name="离我最近").click()
    page.locator("#map-status", has_text="离你最近的在前").wait_for()
    rows = page.locator("#map-rows .case-row")
    assert rows.first.get_attribute("data-number") == cases["accepted"].number
    assert "米" in rows.first.inner_text()
    assert not any("46.5425" in text or "124.9478" in text for text in sent)
    page.get_by_role("button", name="最急在前").click()
    page.locator("#map-status", has_text="地图上").wait_for()


def test_a_map_that_does_not_come_leaves_the_list(town, cases, person, sizes):
    page = person(town.grid_worker, sizes.phone)
    page.route("**/map/ground/*/", lambda route: route.fulfill(status=404))
    page.goto("/hazards/map/")
    page.get_by_text("地图没打开").wait_for()
    assert page.locator("#map-rows .case-row").count() == 3


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_map_page_is_clean_and_stays_in_bounds(town, cases, person, sizes, scheme):
    near = opened(person(town.grid_worker, sizes.phone, color_scheme=scheme))
    near.locator("#hazard-map [data-number]").first.click()
    near.locator(".map-popup").wait_for()
    far = opened(person(town.staff, sizes.phone, color_scheme=scheme))
    assert trouble(near, sizes) + trouble(far, sizes) == []
    for page in (near, far):
        assert page.evaluate(SMALL) == []


def test_without_scripts_the_list_is_there(town, cases, person, sizes):
    page = person(size=sizes.phone, java_script_enabled=False)
    log_in(page, town.grid_worker)
    page.goto("/hazards/map/")
    page.get_by_text("地图要开脚本才有").wait_for()
    assert page.locator("#map-rows .case-row").count() == 3
    assert Hazard.objects.count() == 4


# --- a pin by finger ------------------------------------------------------------------------


def pin_map(page):
    """The report page with its map open."""
    page.goto("/hazards/report/")
    page.get_by_role("button", name="改位置").click()
    page.get_by_text("点一下出事的地方").wait_for()
    return page.locator(".pin-map-box")


def values(page):
    names = ("latitude", "longitude", "accuracy", "datum")
    return {name: page.locator(f"[name={name}]").input_value() for name in names}


def test_nothing_of_a_map_is_loaded_before_somebody_asks(town, person, sizes):
    page, loaded = person(size=sizes.phone), []
    page.context.clear_permissions()
    page.on("request", lambda request: loaded.append(request.url))
    page.goto("/hazards/report/")
    page.wait_for_load_state("networkidle")
    assert not [url for url in loaded if "leaflet" in url or "map" in url]
    page.get_by_role("button", name="在地图上点").click()
    page.get_by_text("点一下出事的地方").wait_for()
    assert [url for url in loaded if "leaflet.js" in url]


def test_a_pin_fills_the_form_and_the_report_lands_in_its_grid(town, person, sizes):
    page = person(size=sizes.desk)
    box = pin_map(page)
    for _ in range(2):
        box.get_by_role("button", name="缩小").click()
    name = box.locator(".map-grid-name", has_text="第一网格")
    place = name.bounding_box()
    page.mouse.click(place["x"] + 5, place["y"] + 5)
    page.get_by_text("点在第一网格").wait_for()
    filled = values(page)
    assert filled["datum"] == "wgs84"
    assert 124.93 < float(filled["longitude"]) < 124.94
    # The phone's own position lies in grid six and comes in later: the finger wins.
    page.get_by_label("路灯").check()
    page.locator("#locate.is-found").wait_for()
    page.get_by_label("想补一句？").fill("两盏灯不亮")
    page.get_by_role("button", name="发出").click()
    page.get_by_text("收到了，谢谢你").wait_for()
    hazard = Hazard.objects.get()
    assert hazard.grid == town.one
    assert f"{hazard.longitude:.7f}" == filled["longitude"]
    assert hazard.accuracy == float(filled["accuracy"])
    assert hazard.location_source == Hazard.Source.PIN


def test_a_pin_can_be_moved_and_dropped_and_the_map_folded(town, person, sizes):
    page = person(size=sizes.phone)
    box = pin_map(page)
    box.click(position={"x": 120, "y": 150})
    first = values(page)
    box.click(position={"x": 200, "y": 200})
    assert values(page) != first
    assert box.locator(".map-drop").count() == 1
    page.get_by_role("button", name="去掉图钉").click()
    assert set(values(page).values()) == {""}
    page.get_by_role("button", name="收起地图").click()
    assert not box.is_visible()
    # Without a position there is nothing to change.
    page.get_by_role("button", name="在地图上点").click()
    assert box.is_visible()


def test_by_keyboard_a_landmark_says_the_same(town, person, sizes):
    LandmarkFactory(community=town.community, name="大集东口", latitude=46.545, longitude=124.935)
    page = person(size=sizes.desk)
    pin_map(page)
    page.get_by_role("button", name="不用定位").press("Enter")
    page.get_by_label("地点或地标").focus()
    page.keyboard.type("大集东口")
    page.get_by_label("想补一句？").focus()
    page.keyboard.type("路灯坏了")
    page.get_by_role("button", name="发出").press("Enter")
    page.get_by_text("收到了，谢谢你").wait_for()
    assert Hazard.objects.get().grid == town.one


def test_a_map_that_does_not_load_can_be_asked_for_again(town, person, sizes):
    page = person(size=sizes.phone)
    page.route("**/map/ground/*/", lambda route: route.fulfill(status=404))
    page.goto("/hazards/report/")
    page.get_by_role("button", name="改位置").click()
    page.get_by_text("地图没打开").wait_for()
    page.unroute("**/map/ground/*/")
    page.get_by_role("button", name="改位置").click()
    page.get_by_text("点一下出事的地方").wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_report_page_with_its_map_is_clean(town, person, sizes, scheme):
    page = person(size=sizes.phone, color_scheme=scheme)
    pin_map(page).click(position={"x": 120, "y": 150})
    assert trouble(page, sizes) == []
    assert page.evaluate(SMALL) == []


# --- covering and publishing ----------------------------------------------------------------


@pytest.fixture
def with_photo(town):
    """A closed case with a picture."""
    found = Attachments(photos=[stored_photo(media.jpeg(800, 600))])
    hazard = report(town.six, by=town.rider, point=at(46.5451234, 124.945), attachments=found)
    return advance(hazard, "closed", reviewer=town.grid_worker, officer=town.officer)


def cover_page(page, hazard):
    page.goto(hazard.get_absolute_url())
    page.get_by_role("link", name="公开现场照片 1").click()
    page.get_by_role("heading", name="盖住人脸和车牌").wait_for()


def test_a_box_drawn_by_hand_is_covered_and_everybody_sees_the_rest(
    town, with_photo, person, sizes
):
    page = person(town.grid_worker, sizes.phone)
    cover_page(page, with_photo)
    canvas = page.locator("#cover-picture canvas")
    canvas.scroll_into_view_if_needed()
    frame = canvas.bounding_box()
    page.mouse.move(frame["x"] + 4, frame["y"] + 4)
    page.mouse.down()
    page.mouse.move(frame["x"] + frame["width"] / 2, frame["y"] + frame["height"] / 2)
    page.mouse.up()
    page.get_by_text("我看过了").click()
    page.get_by_role("button", name="公开", exact=True).click()
    page.get_by_text("照片公开了").wait_for()
    (box,) = with_photo.photos.get().boxes
    assert all(
        abs(part - wanted) < 0.02 for part, wanted in zip(box, (0, 0, 0.5, 0.5), strict=True)
    )

    guest = person(size=sizes.desk)
    guest.goto("/hazards/fixed/")
    guest.locator("#fixed-map .map-pin").wait_for()
    width = guest.locator(".fixed-pictures img").evaluate(
        "async (image) => { image.loading = 'eager'; await image.decode();"
        " return image.naturalWidth; }"
    )
    assert width == 480
    guest.locator("#fixed-list li").hover()
    pin = guest.locator("#fixed-map .leaflet-interactive:has(.map-pin)")
    assert "is-marked" in pin.get_attribute("class")


def test_covering_works_with_numbers_alone(town, with_photo, person, sizes):
    page = person(size=sizes.phone, java_script_enabled=False)
    log_in(page, town.grid_worker)
    cover_page(page, with_photo)
    for side in ("左", "上", "宽", "高"):
        page.get_by_label(f"第 1 个框 {side}").fill("25")
    page.get_by_label("我看过了").check()
    page.get_by_role("button", name="公开", exact=True).click()
    page.get_by_text("照片公开了").wait_for()
    assert with_photo.photos.get().boxes == [[0.25] * 4]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_around_public_pictures_are_clean(town, with_photo, person, sizes, scheme):
    public.publish(with_photo.photos.get(), by=town.grid_worker, boxes=[])
    guest = person(size=sizes.phone, color_scheme=scheme)
    guest.goto("/hazards/fixed/")
    guest.locator("#fixed-map .map-pin").wait_for()
    worker = person(town.grid_worker, sizes.phone, color_scheme=scheme)
    worker.goto(f"{with_photo.get_absolute_url()}photos/{with_photo.photos.get().pk}/public/")
    worker.locator("#cover-picture canvas").wait_for()
    worker.locator("summary").click()
    for page in (guest, worker):
        assert trouble(page, sizes) == []
        assert page.evaluate(SMALL) == []
