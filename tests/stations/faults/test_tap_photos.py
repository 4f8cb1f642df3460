"""A photo of the door: for whoever keeps the station, and gone with the words."""

from datetime import time

import pytest
from django.test import Client
from django.urls import reverse

from stations.faults.models import FaultTap, TapPhoto
from tests import media
from tests.factories.hazards import upload
from tests.factories.stations import OpeningHoursFactory

PAGE, TELL = "/stations/qingxiaoyi/", "/stations/qingxiaoyi/tell/"
KEEP = "/stations/qingxiaoyi/keep/"
LOCKED = "locked"


@pytest.fixture
def station(town):
    """Open round the clock."""
    for weekday in range(7):
        OpeningHoursFactory(station=town.station, weekday=weekday, opens=time(0), closes=time(0))
    return town.station


def with_photo(phone, **fields):
    return phone.post(TELL, {"kind": LOCKED, "photos": upload(media.jpeg(64, 48)), **fields})


def photo_url(tap, size="full"):
    return reverse("stations:tap-photo", args=["qingxiaoyi", tap.pk, size])


def test_a_photo_of_the_door_is_seen_by_whoever_keeps_it_alone(station, town, visit):
    phone = Client()
    phone.get(PAGE)
    assert with_photo(phone).status_code == 302
    tap = FaultTap.objects.get()
    assert tap.photo
    assert phone.get(photo_url(tap)).status_code == 302  # to the log-in
    for person in (town.rider, town.grid_worker, town.officer):
        assert visit(person).get(photo_url(tap)).status_code == 404
    keeper = visit(town.staff)
    sent = keeper.get(photo_url(tap, "thumb"))
    assert sent.status_code == 200
    assert sent.getvalue().startswith(b"\xff\xd8")
    assert photo_url(tap) in keeper.get(KEEP).content.decode()
    assert photo_url(tap) not in phone.get(PAGE).content.decode()
    assert keeper.get(photo_url(tap, "odd")).status_code == 404


def test_hidden_or_taken_back_the_photo_is_gone(station, town, visit):
    phone = Client()
    phone.get(PAGE)
    with_photo(phone, words="看这里")
    tap = FaultTap.objects.get()
    visit(town.staff).post(KEEP, {"act": "hide", "row": tap.pk})
    assert not TapPhoto.objects.exists()
    with_photo(phone)
    assert TapPhoto.objects.count() == 1
    phone.post(reverse("stations:take-back", args=["qingxiaoyi", tap.fault_id]))
    assert not TapPhoto.objects.exists()


def test_a_second_photo_takes_the_first_ones_place(station):
    phone = Client()
    phone.get(PAGE)
    with_photo(phone)
    with_photo(phone)
    assert TapPhoto.objects.count() == FaultTap.objects.count() == 1


def test_what_is_no_photo_is_said_and_nothing_is_kept(station):
    phone = Client()
    phone.get(PAGE)
    odd = upload(b"no picture", "a.jpg")
    answer = phone.post(TELL, {"kind": LOCKED, "photos": odd}, follow=True)
    assert "照片" in answer.content.decode()
    assert not FaultTap.objects.exists()
