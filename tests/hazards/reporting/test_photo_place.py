"""The camera's own position without scripts: asked about on the receipt, used or dropped."""

from dataclasses import replace

import pytest
from django.db import IntegrityError, transaction
from django.utils.html import escape

from hazards.cases import cases
from hazards.cases.attachments import Attachments
from hazards.cases.models.hazards import Hazard
from hazards.cases.models.photo_places import PhotoPlace
from hazards.cases.models.steps import Step
from tests import media
from tests.factories.hazards import form, into, report, stored_photo, upload
from tests.hazards.reporting.test_kept_files import kept
from tests.threads import at_once
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.models import AuditEvent
from yuanhang.core.outbox.models import Notice
from yuanhang.core.uploads.models import DraftUpload

REPORT = "/hazards/report/"
ASKED = "照片里有位置，用它吗？"
BUTTON = {"photo_place": "on"}
# Where media.exif says that the camera was.
CAMERA = {"latitude": pytest.approx(46.545), "longitude": pytest.approx(124.945)}


def sent(client, **fields):
    """A report with such a photo, as a browser without scripts sends it."""
    fields = {"photos": [upload(media.jpeg(gps=True))]} | fields
    response = client.post(REPORT, form(description="井盖翘起来了", **fields))
    assert response.status_code == 302
    return Hazard.objects.get(receipt_token=response.url.rstrip("/").rsplit("/", 1)[-1])


def asked(client, hazard):
    return ASKED in client.get(hazard.get_receipt_url()).content.decode()


def use(client, hazard, **fields):
    return client.post(f"{hazard.get_receipt_url()}supplement/", BUTTON | fields)


def point_of(hazard):
    hazard.refresh_from_db()
    return {"latitude": hazard.latitude, "longitude": hazard.longitude}


@pytest.mark.parametrize("who", ["guest", "rider"])
def test_it_is_asked_and_used_only_when_said_so(town, visit, who):
    client = visit(None if who == "guest" else town.rider)
    hazard = sent(client)
    assert point_of(hazard) == {"latitude": None, "longitude": None}
    page = client.get(hazard.get_receipt_url()).content.decode()
    assert ASKED in page
    assert 'class="place-drawing"' in page
    assert "用照片的位置" in page
    response = use(client, hazard)
    assert (response.status_code, response.url) == (302, hazard.get_receipt_url())
    assert point_of(hazard) == CAMERA
    assert (hazard.grid, hazard.community) == (town.six, town.community)
    assert (hazard.location_source, hazard.accuracy, hazard.datum) == ("device", 30.0, "wgs84")
    assert hazard.steps.last().note == "位置用照片里的"
    assert not PhotoPlace.objects.exists()
    assert not asked(client, hazard)


def test_the_people_of_the_grid_that_it_lies_in_are_told(town, visit):
    client = visit(None)
    hazard = sent(client, grid=town.one.pk)
    assert asked(client, hazard)
    use(client, hazard)
    hazard.refresh_from_db()
    assert hazard.grid == town.six
    told = Notice.objects.filter(recipient=town.grid_worker, url=hazard.get_absolute_url())
    assert told.exists()


def test_the_case_page_of_who_is_logged_in_asks_as_well(town, visit):
    client = visit(town.rider)
    hazard = sent(client)
    page = client.get(hazard.get_absolute_url()).content.decode()
    assert ASKED in page
    assert f'action="{hazard.get_absolute_url()}supplement/"' in page
    client.post(f"{hazard.get_absolute_url()}supplement/", BUTTON)
    assert point_of(hazard) == CAMERA


def test_nobody_else_sees_the_point_before_it_is_confirmed(town, visit):
    hazard = sent(visit(town.rider))
    for who in (town.grid_worker, town.staff, town.officer, town.admin):
        page = visit(who).get(hazard.get_absolute_url()).content.decode()
        assert ASKED not in page
        assert "46.54" not in page
    trail = str(list(AuditEvent.objects.values_list("changes", flat=True)))
    assert "46.54" not in trail
    steps = str(list(Step.objects.values_list("note", flat=True)))
    assert "46.54" not in steps


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"photos": [upload(media.jpeg())]}, id="a photo without"),
        pytest.param(
            {"latitude": "46.5451", "longitude": "124.9451", "accuracy": "10"}, id="nearer"
        ),
        pytest.param(
            {"latitude": "46.552", "longitude": "124.945", "accuracy": "20", "pinned": "1"},
            id="a pin",
        ),
    ],
)
def test_where_it_says_nothing_new_nothing_is_asked(town, visit, fields):
    client = visit(None)
    fields = {
        name: [upload(media.jpeg())] if name == "photos" else value
        for name, value in fields.items()
    }
    hazard = sent(client, **fields)
    assert not PhotoPlace.objects.exists()
    assert not asked(client, hazard)


def test_a_photo_from_elsewhere_than_the_phone_is_asked_about(town, visit):
    client = visit(None)
    hazard = sent(client, latitude="46.552", longitude="124.945", accuracy="20")
    assert asked(client, hazard)
    use(client, hazard)
    assert point_of(hazard) == CAMERA


def test_a_photo_from_another_city_is_nobodys_business(town):
    photo = stored_photo(media.jpeg(gps=True))
    far = replace(photo, position=(31.2, 121.5))
    report(town.six, attachments=Attachments(photos=[far]))
    assert not PhotoPlace.objects.exists()


def test_a_photo_added_later_is_asked_about(town, visit):
    client = visit(None)
    hazard = report(town.six)
    data = {"photos": upload(media.jpeg(gps=True))}
    assert client.post(f"{hazard.get_receipt_url()}supplement/", data).status_code == 302
    assert asked(client, hazard)


def test_a_photo_that_came_with_an_answer_is_asked_about(town, visit):
    client = visit(None)
    hazard = cases.ask_info(report(town.six), by=town.grid_worker, reason="在哪里？")
    data = {"photos": upload(media.jpeg(gps=True))}
    assert client.post(f"{hazard.get_receipt_url()}supply-info/", data).status_code == 302
    assert asked(client, hazard)


def test_a_photo_of_the_grid_workers_is_not(town):
    hazard = into(report(town.six), "accepted", town)
    attachments = Attachments(photos=[stored_photo(media.jpeg(gps=True))])
    cases.secure(hazard, by=town.grid_worker, attachments=attachments)
    assert not PhotoPlace.objects.exists()


def test_a_photo_kept_by_a_refused_form_keeps_its_position_for_a_day(town, visit):
    client = visit(None)
    fields = form(description="井盖", contact_phone="123", photos=[upload(media.jpeg(gps=True))])
    response = client.post(REPORT, fields)
    assert response.status_code == 400
    draft = DraftUpload.objects.get()
    assert {"latitude": draft.latitude, "longitude": draft.longitude} == CAMERA
    again = kept(response)
    assert again
    assert asked(client, sent(client, **{"photos": []} | again))


def test_once_somebody_took_it_on_nothing_is_asked_and_nothing_moves(town, visit):
    client = visit(None)
    hazard = sent(client, grid=town.six.pk)
    into(hazard, "accepted", town)
    assert not asked(client, hazard)
    response = use(client, hazard)
    assert response.status_code == 409
    assert point_of(hazard) == {"latitude": None, "longitude": None}


def test_what_is_gone_cannot_be_used_and_is_said(town, visit):
    client = visit(None)
    hazard = sent(client)
    PhotoPlace.objects.all().delete()
    response = use(client, hazard, note="东口")
    assert response.status_code == 409
    page = response.content.decode()
    assert escape("照片里的位置已经不在了，写一下在哪里。") in page
    assert "东口" in page
    assert point_of(hazard) == {"latitude": None, "longitude": None}


@pytest.mark.django_db(transaction=True)
def test_two_taps_at_once_use_it_once(town):
    attachments = Attachments(photos=[stored_photo(media.jpeg(gps=True))])
    hazard = report(town.six, attachments=attachments)

    def tap():
        try:
            return cases.supplement(hazard, by=None, photo_place=True).state
        except NotAllowedNowError as refused:
            return refused.message

    gone = "照片里的位置已经不在了，写一下在哪里。"
    assert sorted(map(str, at_once(tap))) == ["submitted", gone]
    assert hazard.steps.filter(verb="supplement").count() == 1


def test_the_database_knows_no_place_off_the_earth(town):
    with pytest.raises(IntegrityError), transaction.atomic():
        PhotoPlace.objects.create(hazard=report(town.six), latitude=91, longitude=0)
