"""Photos in the browser: smaller before they leave, and the camera's own position offered."""

import io

import pytest
from PIL import Image

from hazards.cases.models.attachments import HazardPhoto
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
    page.get_by_role("button", name="不用定位").click()
    assert page.locator("[name=latitude]").input_value() == ""


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
