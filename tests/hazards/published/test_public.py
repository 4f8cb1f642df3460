"""Pictures for everybody: nothing by itself, only covered copies, and no person on the page."""

import io

import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from PIL import Image

from hazards.cases.models.attachments import HazardPhoto
from hazards.cases.models.hazards import Hazard
from hazards.published import public, redaction
from tests import media
from tests.hazards.published.public_help import PAGE, address
from yuanhang.core import audit
from yuanhang.core.models import AuditEvent

# The red corner of the test picture, as shares of it.
RED_CORNER = [0, 0, 0.25, 0.25]


def picture(client, photo):
    response = client.get(address(photo))
    assert response.status_code == 200
    return Image.open(io.BytesIO(response.getvalue())).convert("RGB")


# --- nothing by itself ----------------------------------------------------------------------


def test_a_picture_is_private_until_somebody_says_otherwise(fixed_case, client):
    photo = fixed_case.photos.get()
    assert (photo.is_public, photo.boxes, photo.public_image.name) == (False, [], "")
    assert client.get(address(photo)).status_code == 404
    assert "<img" not in client.get(PAGE).content.decode()


def test_the_original_stays_private_after_publishing(fixed_case, town, client):
    photo = fixed_case.photos.get()
    public.publish(photo, by=town.grid_worker, boxes=[RED_CORNER])
    for size in ("full", "thumb"):
        answer = client.get(f"/hazards/{fixed_case.number}/photos/{photo.pk}/{size}/")
        assert answer.status_code == 302
        assert "/accounts/login/" in answer.url
    assert client.get(f"{PAGE}photos/{photo.pk + 1}/").status_code == 404


# --- the covered copy -----------------------------------------------------------------------


def test_only_covered_bytes_are_served(fixed_case, town, client):
    photo = fixed_case.photos.get()
    with default_storage.open(photo.image.name) as file:
        original = file.read()
    public.publish(photo, by=town.grid_worker, boxes=[RED_CORNER])
    shown = picture(client, photo)
    assert shown.size == (800, 600)
    # Every pixel of the box is ink, but for the ringing of JPEG at its edge.
    corner = shown.crop((0, 0, 192, 142))
    for band, ink in zip(corner.getextrema(), redaction.INK, strict=True):
        assert abs(band[0] - ink) < 6
        assert abs(band[1] - ink) < 6
    red = shown.crop((0, 0, 200, 150)).getchannel("R")
    assert red.getextrema()[1] < 120, "red shines through"
    # The rest is there, and so is the original on the disk.
    assert shown.getpixel((780, 580))[2] > 150
    photo.refresh_from_db()
    with default_storage.open(photo.image.name) as file:
        assert file.read() == original
    assert Image.open(io.BytesIO(original)).getpixel((10, 10))[0] > 150


def test_a_large_picture_is_covered_before_it_is_made_small():
    source = io.BytesIO(media.jpeg(2000, 1500))
    shown = Image.open(io.BytesIO(redaction.redacted(source, [[0.1, 0.1, 0.05, 0.05]])))
    assert shown.size == (1280, 960)
    middle = shown.crop((132, 100, 188, 140)).convert("RGB")
    assert max(high for _low, high in middle.getextrema()) < 60


def test_the_copy_carries_no_metadata(fixed_case, town):
    photo = public.publish(fixed_case.photos.get(), by=town.grid_worker, boxes=[])
    with default_storage.open(photo.public_image.name) as file:
        data = file.read()
    assert b"Exif" not in data
    assert b"ICC" not in data


def test_a_list_gets_a_small_copy_that_is_covered_as_well(fixed_case, town, client):
    photo = public.publish(fixed_case.photos.get(), by=town.grid_worker, boxes=[[0, 0, 1, 1]])
    answer = client.get(f"/hazards/fixed/photos/{photo.pk}/small/")
    shown = Image.open(io.BytesIO(b"".join(answer.streaming_content))).convert("RGB")
    assert max(shown.size) == 480
    assert max(high for _low, high in shown.getextrema()) < 60
    assert "max-age=300" in answer["Cache-Control"]
    # One that was published before there were small copies is shown whole.
    photo.public_small = ""
    photo.save()
    answer = client.get(f"/hazards/fixed/photos/{photo.pk}/small/")
    assert max(Image.open(io.BytesIO(b"".join(answer.streaming_content))).size) == 800
    page = client.get("/hazards/fixed/").content.decode()
    assert f'src="/hazards/fixed/photos/{photo.pk}/small/"' in page


@pytest.mark.parametrize(
    "box", [[0.999, 0.999, 0.001, 0.001], [0, 0, 1, 1], [0.5, 0.5, 0.0001, 0.0001]]
)
def test_boxes_at_the_edges_cover(box):
    source = io.BytesIO(media.jpeg(400, 300))
    shown = Image.open(io.BytesIO(redaction.redacted(source, [box]))).convert("RGB")
    x, y = min(399, int(box[0] * 400)), min(299, int(box[1] * 300))
    assert sum(shown.getpixel((x, y))) < 250


# --- taking it back -------------------------------------------------------------------------


def test_unpublishing_removes_the_file_and_keeps_the_boxes(
    fixed_case, town, client, stored_files, django_capture_on_commit_callbacks
):
    photo, before = fixed_case.photos.get(), stored_files()
    public.publish(photo, by=town.grid_worker, boxes=[RED_CORNER])
    assert len(stored_files()) == len(before) + 2
    with django_capture_on_commit_callbacks(execute=True):
        photo = public.unpublish(photo, by=town.grid_worker)
    assert stored_files() == before
    assert (photo.is_public, photo.boxes, photo.public_image.name) == (False, [RED_CORNER], "")
    assert client.get(address(photo)).status_code == 404


def test_publishing_again_replaces_the_copy(
    fixed_case, town, stored_files, django_capture_on_commit_callbacks
):
    photo, before = fixed_case.photos.get(), stored_files()
    with django_capture_on_commit_callbacks(execute=True):
        first = public.publish(photo, by=town.grid_worker, boxes=[])
        second = public.publish(photo, by=town.grid_worker, boxes=[RED_CORNER])
    assert first.public_image.name != second.public_image.name
    assert len(stored_files()) == len(before) + 2


def test_a_failure_leaves_no_file(fixed_case, town, stored_files, monkeypatch):
    photo, before = fixed_case.photos.get(), stored_files()
    monkeypatch.setattr(audit, "record", lambda *a, **k: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        public.publish(photo, by=town.grid_worker, boxes=[])
    assert stored_files() == before
    assert not HazardPhoto.objects.get(pk=photo.pk).is_public


@pytest.mark.parametrize("what", ["photo", "case"])
def test_what_is_deleted_leaves_no_file(
    fixed_case, town, stored_files, django_capture_on_commit_callbacks, what
):
    photo, before = fixed_case.photos.get(), stored_files()
    public.publish(photo, by=town.grid_worker, boxes=[RED_CORNER])
    photo.refresh_from_db()
    assert len(stored_files()) == len(before) + 2 == 5
    with django_capture_on_commit_callbacks(execute=True):
        (photo if what == "photo" else fixed_case).delete()
    left = [path for path in before if what == "photo" and path.suffix == ".m4a"]
    assert stored_files() == left


def test_a_deletion_that_is_taken_back_keeps_the_files(
    fixed_case, stored_files, django_capture_on_commit_callbacks
):
    before = stored_files()
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        fixed_case.delete()
        transaction.set_rollback(True)
    assert Hazard.objects.exists()
    assert stored_files() == before


def test_unpublishing_what_is_private_says_nothing(fixed_case, town):
    public.unpublish(fixed_case.photos.get(), by=town.grid_worker)
    assert not AuditEvent.objects.filter(kind="hazards.unpublish_photo").exists()


def test_both_ways_are_in_the_audit(fixed_case, town):
    photo = fixed_case.photos.get()
    public.publish(photo, by=town.grid_worker, boxes=[RED_CORNER])
    public.unpublish(photo, by=town.grid_worker)
    events = AuditEvent.objects.filter(target_type="hazards.hazardphoto").order_by("id")
    assert [(e.kind, e.actor_id, e.parent_id, e.changes) for e in events] == [
        (
            "hazards.publish_photo",
            town.grid_worker.pk,
            str(fixed_case.pk),
            {"is_public": True, "boxes": 1},
        ),
        (
            "hazards.unpublish_photo",
            town.grid_worker.pk,
            str(fixed_case.pk),
            {"is_public": False, "boxes": 1},
        ),
    ]


@pytest.mark.parametrize(
    "fields", [{"is_public": True}, {"is_public": False, "public_image": "hazards/public/x.jpg"}]
)
def test_the_database_knows_no_public_picture_without_its_copy(fixed_case, fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        HazardPhoto.objects.filter(hazard=fixed_case).update(**fields)


def test_a_case_that_is_open_shows_nothing(fixed_case, town, client):
    photo = public.publish(fixed_case.photos.get(), by=town.grid_worker, boxes=[])
    Hazard.objects.filter(pk=fixed_case.pk).update(state="accepted", closed_at=None)
    assert client.get(address(photo)).status_code == 404
    assert client.get(PAGE).context["cases"] == []
