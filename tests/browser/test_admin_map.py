"""In the admin a place is picked on our own map; what is typed beneath stays possible."""

import pytest

from stations.areas.models import Grid, Landmark
from tests.factories.stations import LandmarkFactory
from yuanhang.core import geo

ADD = "/admin/stations/landmark/add/"
# 44 px for a thumb, as the report form has it.
LOW = "[...document.querySelectorAll('.pin-map button')].filter((b) => b.offsetHeight < 44).length"


def opened(page, url):
    """The page with its map open."""
    page.goto(url)
    page.get_by_role("button", name="在地图上点").click()
    box = page.locator(".pin-map-box .leaflet-overlay-pane path").first
    box.wait_for()
    return page.locator(".pin-map-box")


def named(page, name):
    return page.locator(f"[name={name}]")


def saved(page):
    page.get_by_role("button", name="保存", exact=True).click()
    page.locator(".messagelist .success").wait_for()


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_a_landmark_is_picked_on_the_map(town, person, sizes, size):
    page = person(town.staff, getattr(sizes, size))
    box = opened(page, ADD)
    named(page, "name").fill("大集东口")
    place = box.locator(".map-grid-name", has_text="第六网格")
    place.evaluate("node => node.scrollIntoView({ block: 'center' })")
    spot = place.bounding_box()
    page.mouse.click(spot["x"] + 5, spot["y"] + 5)
    page.get_by_text("点在第六网格").wait_for()
    picked = float(named(page, "latitude").input_value())
    assert named(page, "datum").input_value() == "wgs84"
    assert page.evaluate(LOW) == 0
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    saved(page)
    mark = Landmark.objects.get()
    assert mark.latitude == pytest.approx(picked)
    assert mark.datum == "wgs84"
    assert Grid.objects.containing(mark.latitude, mark.longitude) == town.six


def test_what_is_typed_after_a_pin_counts_in_its_own_datum(town, person, sizes):
    page = person(town.staff, sizes.desk)
    box = opened(page, ADD)
    named(page, "name").fill("大集东口")
    box.click(position={"x": 120, "y": 150})
    latitude, longitude = geo.wgs84_to_gcj02(46.545, 124.945)
    assert named(page, "accuracy").input_value() != ""
    named(page, "latitude").fill(str(latitude))
    assert named(page, "accuracy").input_value() == ""
    assert box.locator(".map-drop").count() == 0
    named(page, "longitude").fill(str(longitude))
    named(page, "datum").select_option("gcj02")
    saved(page)
    mark = Landmark.objects.get()
    assert (mark.latitude, mark.longitude) == pytest.approx((46.545, 124.945), abs=2e-6)


def test_the_stored_place_is_a_pin_that_can_be_moved_or_taken_away(town, person, sizes):
    mark = LandmarkFactory(
        community=town.community, name="大集东口", latitude=46.545, longitude=124.945
    )
    page = person(town.staff, sizes.desk)
    box = opened(page, f"/admin/stations/landmark/{mark.pk}/change/")
    box.locator(".map-drop").wait_for()
    saved(page)
    mark.refresh_from_db()
    assert (mark.latitude, mark.longitude) == (46.545, 124.945)
    opened(page, f"/admin/stations/landmark/{mark.pk}/change/")
    page.get_by_role("button", name="去掉图钉").click()
    assert named(page, "datum").input_value() == "wgs84"
    saved(page)
    mark.refresh_from_db()
    assert not mark.has_point


def test_without_scripts_the_typed_fields_are_there(town, person, sizes):
    page = person(town.staff, sizes.desk, java_script_enabled=False)
    page.goto(ADD)
    page.get_by_text("地图要开脚本才有").wait_for()
    assert not page.locator(".pin-map").is_visible()
    named(page, "name").fill("大集东口")
    named(page, "latitude").fill("46.545")
    named(page, "longitude").fill("124.945")
    saved(page)
    assert Landmark.objects.get().has_point


def test_before_the_map_opens_it_takes_no_more_room_than_its_button(town, person, sizes):
    page = person(town.staff, sizes.phone)
    page.goto(ADD)
    page.get_by_role("button", name="在地图上点").wait_for()
    assert page.locator(".pin-map-field").bounding_box()["height"] < 120


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_a_list_of_the_admin_has_room_to_say_what_is_looked_for(town, person, sizes, size):
    page = person(town.admin, getattr(sizes, size))
    for url in ("/admin/stations/landmark/", "/admin/workers/worker/", "/admin/hazards/hazard/"):
        page.goto(url)
        assert page.locator("#searchbar").bounding_box()["width"] >= 150, url
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), url
