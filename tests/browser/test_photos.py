"""Photos in the browser: smaller before they leave, and the camera's own position offered."""

import io

import pytest
from PIL import Image

from hazards.cases.models.attachments import HazardPhoto
from hazards.cases.models.hazards import Hazard
from tests import media
from tests.factories.hazards import report
from yuanhang.core.media import helpers


def camera_photo():
    """A photo from a phone that writes where it was: 46.545 N, 124.945 E."""
    out = io.BytesIO()
    exif = Image.Exif()
    exif.get_ifd(media.GPS_IFD).update(
        {1: "N", 2: (46.0, 32.0, 42.0), 3: "E", 4: (124.0, 56.0, 42.0)}
    )
    media.picture(3000, 2000).save(out, "JPEG", quality=95, exif=exif)
    return {"name": "IMG.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def test_the_position_of_the_camera_is_offered_and_taken_only_when_confirmed(person, town):
    page = person()
    page.context.clear_permissions()
    page.goto("/hazards/report/")
    page.set_input_files("#album", camera_photo())
    page.get_by_text("照片上带着位置").wait_for()
    assert page.locator("[name=latitude]").input_value() == ""
    page.get_by_role("button", name="用照片的位置").click()
    page.get_by_text("用了照片的位置").wait_for()
    assert float(page.locator("[name=latitude]").input_value()) == pytest.approx(46.545, abs=1e-5)
    assert float(page.locator("[name=longitude]").input_value()) == pytest.approx(124.945, abs=1e-5)
    page.get_by_role("button", name="改位置").click()
    page.get_by_role("button", name="不用定位").click()
    assert page.locator("[name=latitude]").input_value() == ""


def test_the_offered_pin_stands_on_the_map_before_it_is_confirmed(person, town):
    page = person()
    page.context.clear_permissions()
    page.goto("/hazards/report/")
    page.set_input_files("#album", camera_photo())
    pin = page.locator(".map-drop")
    pin.wait_for()
    page.get_by_text("第六网格").first.wait_for()
    # To be seen, and nothing of it in the form.
    names = ("latitude", "longitude", "accuracy", "pinned")
    assert [page.locator(f"[name={name}]").input_value() for name in names] == [""] * 4
    page.get_by_role("button", name="用照片的位置").click()
    assert float(page.locator("[name=latitude]").input_value()) == pytest.approx(46.545, abs=1e-5)
    assert page.locator("[name=pinned]").input_value() == ""
    assert pin.is_visible()
    # What is not used is not shown either.
    page.get_by_role("button", name="改位置").click()
    page.get_by_role("button", name="不用定位").click()
    assert pin.count() == 0
    assert page.locator("[name=latitude]").input_value() == ""


def test_a_finger_on_the_map_knows_better_than_the_camera(person, town):
    page = person()
    page.context.clear_permissions()
    page.goto("/hazards/report/")
    page.set_input_files("#album", camera_photo())
    page.locator(".map-drop").wait_for()
    page.locator(".pin-map-box").click(position={"x": 60, "y": 60})
    page.wait_for_function("document.querySelector('[name=pinned]').value === '1'")
    chosen = float(page.locator("[name=latitude]").input_value())
    assert abs(chosen - 46.545) > 1e-4
    assert page.locator(".map-drop").count() == 1
    assert page.get_by_role("button", name="用照片的位置").count() == 0


def test_without_scripts_the_receipt_asks(browser, live_server, town):
    context = browser.new_context(
        base_url=live_server.url, viewport={"width": 390, "height": 844}, java_script_enabled=False
    )
    page = context.new_page()
    page.goto("/hazards/report/")
    page.locator("[name=description]").fill("井盖翘了")
    page.locator("input[name=photos]").first.set_input_files(camera_photo())
    page.get_by_role("button", name="发出").first.click()
    page.get_by_text("照片里有位置，用它吗？").wait_for()
    page.get_by_role("button", name="用照片的位置").click()
    page.get_by_text("位置用照片里的").wait_for()
    assert page.get_by_text("照片里有位置，用它吗？").count() == 0
    hazard = Hazard.objects.get()
    assert (hazard.latitude, hazard.grid) == (pytest.approx(46.545), town.six)
    context.close()


@pytest.mark.parametrize(
    ("size", "kept"), [((1080, 6000), (1024, 5689)), ((720, 8000), (720, 8000))]
)
def test_a_long_screenshot_keeps_a_width_that_can_be_read(person, town, size, kept):
    page = person()
    page.goto("/hazards/report/")
    # With grain, as what is smaller as it came is left to the server; held upright, so turned.
    shot = {
        "name": "shot.jpg",
        "mimeType": "image/jpeg",
        "buffer": media.phone_photo(*reversed(size)),
    }
    page.set_input_files("#album", shot)
    page.locator("#shots img").wait_for()
    page.wait_for_function("document.querySelector('#shots img').naturalWidth > 0")
    image = page.locator("#shots img")
    size = image.evaluate("(image) => [image.naturalWidth, image.naturalHeight]")
    assert tuple(size) == kept
    page.get_by_role("button", name="发出").first.click()
    page.wait_for_url("**/hazards/receipt/**")
    photo = HazardPhoto.objects.get()
    assert (photo.width, photo.height) == kept


def test_a_photo_without_a_position_offers_nothing(person, town):
    page = person()
    page.context.clear_permissions()
    page.goto("/hazards/report/")
    plain = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": media.jpeg(1200, 900)}
    page.set_input_files("#album", plain)
    page.locator("#shots img").wait_for()
    assert page.get_by_text("照片上带着位置").count() == 0


def test_photos_of_moves_are_made_smaller_before_they_leave(person, town, monkeypatch):
    """Also under a thumb that is faster than the phone."""
    sizes, process = [], helpers.process_photo
    monkeypatch.setattr(
        helpers, "process_photo", lambda file: sizes.append(file.size) or process(file)
    )
    hazard = report(town.six, by=town.rider)
    page = person(town.grid_worker)
    page.goto(hazard.get_absolute_url())
    page.evaluate("document.querySelectorAll('details').forEach((node) => { node.open = true; })")
    photo = camera_photo()
    form = page.locator("form:has(input[name=photos])").first
    form.locator("input[type=file]").last.set_input_files(photo)
    form.locator("button[type=submit]").first.click()
    page.locator("main img").first.wait_for()
    stored = HazardPhoto.objects.get(hazard=hazard)
    assert (stored.width, stored.height) == (2048, 1365)
    assert len(sizes) == 1
    assert 1000 < sizes[0] < len(photo["buffer"]) / 2
