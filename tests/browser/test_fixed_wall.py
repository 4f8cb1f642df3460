"""修好的: the number first, pairs of before and after, plain rows, and a map at the end."""

import pytest

from hazards.cases import cases
from hazards.cases.attachments import Attachments
from hazards.published import public
from tests import media
from tests.browser.test_map import SMALL, trouble
from tests.factories.hazards import advance, report, stored_photo
from tests.factories.stations import with_streets
from yuanhang.core.geo import Point


@pytest.fixture
def month(town):
    """A pair, a case with a picture of before, and one without any; streets beneath."""
    with_streets(town.community, town.staff)
    people = {"reviewer": town.grid_worker, "officer": town.officer}
    made = {}
    for name, latitude in (("plain", 46.543), ("single", 46.544), ("pair", 46.547)):
        found = Attachments() if name == "plain" else Attachments([stored_photo(media.jpeg())])
        point = Point(latitude, 124.944, 12)
        hazard = report(town.six, by=town.rider, point=point, attachments=found)
        hazard = advance(hazard, "accepted", **people)
        after = Attachments([stored_photo(media.jpeg())]) if name == "pair" else Attachments()
        hazard = cases.fix(hazard, by=town.grid_worker, attachments=after)
        made[name] = cases.close(hazard, by=town.grid_worker, condition_met=True)
        for photo in made[name].photos.all():
            public.publish(photo, by=town.grid_worker, boxes=[])
    return made


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_begins_with_its_number_and_ends_with_a_map(month, person, sizes, scheme):
    page = person(size=sizes.phone, color_scheme=scheme)
    page.goto("/hazards/fixed/")
    assert page.get_by_role("heading", level=1).inner_text() == "修好 3 处"
    page.get_by_text("3 处当天修好。谁报的不公开，谢谢每一位。").wait_for()
    rows = page.locator(".fixed-list > li")
    order = [f"case-{month[name].pk}" for name in ("pair", "single", "plain")]
    assert rows.evaluate_all("(all) => all.map((one) => one.id)") == order
    pair = rows.first
    assert pair.locator("figcaption").all_inner_texts() == ["修前", "修好"]
    boxes = [figure.bounding_box() for figure in pair.locator("figure").all()]
    assert [round(box["height"]) for box in boxes] == [126, 126]
    assert boxes[0]["y"] == boxes[1]["y"]
    label, picture = pair.locator("figcaption").first.bounding_box(), boxes[0]
    assert (label["x"] - picture["x"], label["y"] - picture["y"]) == (6, 6)
    assert rows.nth(2).locator("img").count() == 0
    page.locator("#fixed-map .map-pin").first.wait_for()
    box = page.locator("#fixed-map").bounding_box()
    assert box["height"] >= 200
    assert box["y"] > rows.last.bounding_box()["y"]
    assert page.locator("#fixed-map .map-pin").all_inner_texts() == ["井", "井", "井"]
    page.locator("#fixed-map .map-street-name", has_text="南六街").wait_for()
    # A rider's map has no borders where there are streets.
    assert not page.locator("#fixed-map .map-grid").first.is_visible()
    assert trouble(page, sizes) == []
    assert page.evaluate(SMALL) == []
    for words in ("还在", "已修好"):
        assert page.get_by_role("button", name=words).count() == 0
