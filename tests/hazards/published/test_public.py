"""Pictures for everybody: nothing by itself, only covered copies, and no person on the page."""

import io
from datetime import datetime, timedelta

import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.utils import timezone
from PIL import Image

from hazards.cases.attachments import Attachments
from hazards.cases.models.attachments import HazardPhoto
from hazards.cases.models.hazards import Hazard
from hazards.published import public, redaction
from tests import media
from tests.factories.hazards import advance, report, stored_photo, stored_voice
from tests.factories.stations import LandmarkFactory
from yuanhang.core import audit
from yuanhang.core.geo import Point
from yuanhang.core.models import AuditEvent

PAGE = "/hazards/fixed/"
# The red corner of the test picture, as shares of it.
RED_CORNER = [0, 0, 0.25, 0.25]


@pytest.fixture
def fixed_case(town):
    """A closed case of the rider's with one picture, told in words that name people."""
    LandmarkFactory(community=town.community, name="大集东口")
    hazard = report(
        town.six,
        by=town.rider,
        place="张三家门口",
        description="张三的车压坏的",
        point=Point(46.5451234, 124.9447654, 12),
        contact_name="李四",
        contact_phone="10000012345",
        attachments=Attachments(
            photos=[stored_photo(media.jpeg(800, 600))], voices=[stored_voice(media.wav(1.0))]
        ),
    )
    return advance(hazard, "closed", reviewer=town.grid_worker, officer=town.officer)


def address(photo):
    return f"{PAGE}photos/{photo.pk}/"


def picture(client, photo):
    response = client.get(address(photo))
    assert response.status_code == 200
    return Image.open(io.BytesIO(response.getvalue())).convert("RGB")


def as_typed(*boxes, action="publish", **fields):
    """What the page sends: percent in four columns."""
    columns = zip(*boxes, strict=True) if boxes else [[], [], [], []]
    named = dict(zip(("left", "top", "width", "height"), map(list, columns), strict=True))
    return {"action": action, "looked": "on", **named, **fields}


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
    assert len(stored_files()) == len(before) + 1
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
    assert len(stored_files()) == len(before) + 1


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
    assert len(stored_files()) == len(before) + 1 == 4
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


# --- the reviewer's page --------------------------------------------------------------------


@pytest.fixture
def page(fixed_case):
    return f"/hazards/{fixed_case.number}/photos/{fixed_case.photos.get().pk}/public/"


def test_a_reviewer_covers_and_publishes(fixed_case, town, visit, page):
    client = visit(town.grid_worker)
    assert client.get(page).status_code == 200
    sent = as_typed(("10", "20", "30", "40"), ("", "", "", ""), ("５０", "50", "60.5", "99"))
    assert client.post(page, sent).url == fixed_case.get_absolute_url()
    photo = fixed_case.photos.get()
    assert photo.is_public
    # The second one is cut to the picture.
    assert photo.boxes == [[0.1, 0.2, 0.3, 0.4], [0.5, 0.5, 0.5, 0.5]]
    again = client.get(page).content.decode()
    assert 'name="left" value="10"' in again
    assert "这张现在是公开的" in again
    assert "已公开" in client.get(fixed_case.get_absolute_url()).content.decode()
    client.post(page, as_typed(action="unpublish"))
    assert not fixed_case.photos.get().is_public


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({}, "选公开还是不公开"),
        ({"action": "burn", "looked": "on"}, "不在可用的选项中"),
        (as_typed(looked=""), "先看一遍，再勾上"),
        (as_typed(("10", "20", "30", "")), "框的四个数都要填"),
        (as_typed(("x", "20", "30", "40")), "框的四个数都要填"),
        (as_typed(("nan", "20", "30", "40")), "框的四个数都要填"),
        (as_typed(("-1", "20", "30", "40")), "框要落在照片里"),
        (as_typed(("100", "20", "30", "40")), "框要落在照片里"),
        (as_typed(("10", "20", "0", "40")), "框要落在照片里"),
        (as_typed(*[("1", "1", "1", "1")] * 21), "最多 20 个框"),
        (as_typed() | {"left": ["1", "2"], "top": ["1"]}, "框的四个数都要填"),
    ],
)
def test_a_form_in_error_publishes_nothing(fixed_case, town, visit, page, sent, words):
    response = visit(town.grid_worker).post(page, sent)
    assert response.status_code == 400
    assert words in response.content.decode()
    assert not fixed_case.photos.get().is_public


def test_only_reviewers_are_offered_it(fixed_case, town, visit, page):
    for user, offered in ((town.grid_worker, True), (town.rider, False), (town.officer, False)):
        assert (page in visit(user).get(fixed_case.get_absolute_url()).content.decode()) is offered
    assert page not in visit(None).get(fixed_case.get_receipt_url()).content.decode()


def test_a_picture_of_another_case_is_not_there(fixed_case, town, visit):
    other = report(town.six, attachments=Attachments([stored_photo(media.jpeg(64, 48))]))
    url = f"/hazards/{fixed_case.number}/photos/{other.photos.get().pk}/public/"
    assert visit(town.grid_worker).get(url).status_code == 404


# --- the public page ------------------------------------------------------------------------


def test_the_page_tells_what_was_fixed_and_nobodys_name(fixed_case, town, client):
    photo = public.publish(fixed_case.photos.get(), by=town.grid_worker, boxes=[])
    response = client.get(PAGE)
    page = response.content.decode()
    assert "井盖道路 · 第六网格" in page
    assert 'data-latitude="46.545" data-longitude="124.945"' in page
    assert address(photo) in page
    secrets = ["张三", "李四", "10000012345", "46.5451", "124.9447", fixed_case.number]
    secrets += [str(town.rider), str(town.grid_worker), fixed_case.receipt_token, "audio"]
    assert [secret for secret in secrets if secret in page] == []


def test_a_place_is_named_where_it_is_a_landmark(town, fixed_case, client):
    Hazard.objects.update(place="大集东口")
    assert [case["place"] for case in client.get(PAGE).context["cases"]] == ["大集东口"]


@pytest.mark.parametrize("category", ["elder", "fraud"])
def test_what_is_about_people_is_never_shown(town, fixed_case, client, category):
    photo = public.publish(fixed_case.photos.get(), by=town.grid_worker, boxes=[])
    Hazard.objects.update(category=category)
    assert client.get(PAGE).context["cases"] == []
    assert client.get(address(photo)).status_code == 404


def closed_at(hazard, *moment):
    moment = timezone.make_aware(datetime(*moment))
    Hazard.objects.filter(pk=hazard.pk).update(
        closed_at=moment, submitted_at=moment - timedelta(hours=3)
    )


def test_a_month_is_a_local_month(fixed_case, client):
    closed_at(fixed_case, 2026, 3, 1, 0, 0)
    assert len(client.get(PAGE, {"month": "2026-03"}).context["cases"]) == 1
    assert client.get(PAGE, {"month": "2026-02"}).context["cases"] == []
    assert "用了 3 小时" in client.get(PAGE, {"month": "2026-03"}).content.decode()
    closed_at(fixed_case, 2026, 3, 31, 23, 59)
    assert len(client.get(PAGE, {"month": "2026-03"}).context["cases"]) == 1


def test_months_lead_to_their_neighbours(client, town):
    page = client.get(PAGE, {"month": "2025-12"}).content.decode()
    assert 'href="?month=2025-11"' in page
    assert 'href="?month=2026-01"' in page
    assert "下个月" not in client.get(PAGE).content.decode()


@pytest.mark.parametrize("month", ["", "x", "2026-13", "2026-3", "1026-03", "2099-01", "\x00"])
def test_a_month_that_is_none_is_this_month(fixed_case, client, month):
    assert len(client.get(PAGE, {"month": month}).context["cases"]) == 1


@pytest.mark.parametrize("after", ["x", "W10", "WyJ4IiwxXQ", "WyIyMDI2LTAxLTAxIiwxXQ", "bnVsbA"])
def test_a_key_that_is_none_shows_the_first_page(fixed_case, client, after):
    assert len(client.get(PAGE, {"after": after}).context["cases"]) == 1


def many(town, number):
    """Closed cases of March straight into the table."""
    noon = timezone.make_aware(datetime(2026, 3, 10, 12))
    one = Hazard.objects.filter(state="closed").first()
    Hazard.objects.bulk_create(
        Hazard(
            number=f"YH20250101-{n:05d}",
            submission_key=f"00000000-0000-4000-8000-{n:012d}",
            subdistrict=town.subdistrict,
            community=town.community,
            grid=town.six,
            category_id="ice",
            state=one.state,
            submitted_at=noon,
            closed_at=noon - timedelta(seconds=n // 3),
        )
        for n in range(number)
    )


def test_thirty_a_page_and_every_case_once(fixed_case, town, client):
    closed_at(fixed_case, 2020, 1, 1)
    many(town, 70)
    seen, after = [], ""
    for _page in range(3):
        context = client.get(PAGE, {"month": "2026-03", "after": after}).context
        seen += [case["pk"] for case in context["cases"]]
        after = context["following"]
    expected = Hazard.objects.filter(category="ice").order_by("-closed_at", "-id")
    assert seen == list(expected.values_list("pk", flat=True))
    assert after == ""


def test_the_page_costs_the_same_for_one_case_and_for_thirty(
    fixed_case, town, client, django_assert_num_queries
):
    closed_at(fixed_case, 2026, 3, 9)
    # Cases, their pictures, the landmarks.
    with django_assert_num_queries(3):
        client.get(PAGE, {"month": "2026-03"})
    many(town, 29)
    with django_assert_num_queries(3):
        client.get(PAGE, {"month": "2026-03"})


def test_a_picture_is_soon_gone_from_caches(fixed_case, town, client):
    photo = public.publish(fixed_case.photos.get(), by=town.grid_worker, boxes=[])
    response = client.get(address(photo))
    response.getvalue()
    assert response["Cache-Control"] == "public, max-age=300"
    assert response["Content-Type"] == "image/jpeg"


def test_publishing_is_offered_when_the_work_is_done_and_only_for_things(town, visit):
    photo = [stored_photo(media.jpeg(64, 48))]
    offered = {}
    for category in ("manhole", "elder"):
        hazard = report(town.six, category=category, attachments=Attachments(photos=photo))
        for state in ("submitted", "fixed", "closed"):
            if state != "submitted":
                people = {"reviewer": town.grid_worker, "officer": town.officer}
                new = report(town.six, category=category, attachments=Attachments(photos=photo))
                hazard = advance(new, state, **people)
            page = visit(town.grid_worker).get(hazard.get_absolute_url()).content.decode()
            offered[category, state] = "公开现场照片 1" in page
    assert {key for key, is_there in offered.items() if is_there} == {
        ("manhole", "fixed"),
        ("manhole", "closed"),
    }
    url = f"{hazard.get_absolute_url()}photos/{hazard.photos.get().pk}/public/"
    assert visit(town.grid_worker).get(url).status_code == 404
