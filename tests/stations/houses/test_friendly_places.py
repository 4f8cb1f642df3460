"""Friendly places: staff enter them, and what nobody agreed to is not public."""

import pytest

from stations.houses import friendly_places
from stations.houses.models import Facility, FriendlyPlace, Station
from tests.factories.stations import StationFactory
from yuanhang.core.models import AuditEvent

ADD = "/admin/stations/friendlyplace/add/"


def fields(town, **more):
    hours = {f"hours-{name}": "0" for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
    return {
        "community": town.community.pk,
        "kind": "pharmacy",
        "name": "平房区口药店",
        "address": "平房区口",
        "desk_phone": "",
        "note": "",
        "entry": "",
        "latitude": "46.5452",
        "longitude": "124.9493",
        "datum": "wgs84",
        "on_holidays": "usual",
        "agreed_by": "",
        "agreed_on": "",
        "offers": ["heating", "water"],
        **hours,
        **more,
    }


def kinds_of(place):
    return sorted(friendly_places.offered_by(place))


def test_staff_enter_one_and_it_is_not_public(town, visit):
    client = visit(town.staff)
    answer = client.post(ADD, fields(town))
    assert answer.status_code == 302, answer.context["errors"]
    place = FriendlyPlace.objects.get()
    assert (place.kind, place.is_listed) == ("pharmacy", False)
    assert kinds_of(place) == ["heating", "water"]
    assert client.get(place.get_absolute_url()).status_code == 404
    assert AuditEvent.objects.filter(kind="stations.create_friendlyplace").exists()


def test_it_is_public_once_somebody_there_agreed(town, visit):
    client = visit(town.staff)
    answer = client.post(ADD, fields(town, is_listed="on"))
    assert "写上谁在哪天同意的，才能公开" in answer.content.decode()
    assert not FriendlyPlace.objects.exists()
    client.post(ADD, fields(town, is_listed="on", agreed_by="店长", agreed_on="2026-11-20"))
    assert client.get(FriendlyPlace.objects.get().get_absolute_url()).status_code == 200


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"offers": []}, "选一样"),
        ({"kind": "station"}, "station"),
        ({"entry": "门码 4729"}, "密码"),
    ],
)
def test_what_is_refused(town, visit, more, words):
    answer = visit(town.staff).post(ADD, fields(town, **more))
    assert answer.status_code == 200
    assert words in answer.content.decode()
    assert not FriendlyPlace.objects.exists()


def test_what_it_offers_no_longer_goes(town):
    place = FriendlyPlace(community=town.community, kind="bank", name="网点", address="南六街")
    friendly_places.create(place, ["heating", "water"], by=town.staff)
    friendly_places.edit(place, ["heating", "power"], by=town.staff, fields=["offers"])
    assert kinds_of(place) == ["heating", "power"]
    assert Facility.objects.count() == 2


def test_stations_and_friendly_places_have_lists_of_their_own(town, visit):
    StationFactory(community=town.community, kind="merchant", name="面馆")
    client = visit(town.admin)
    stations = client.get("/admin/stations/station/").content.decode()
    friendly = client.get("/admin/stations/friendlyplace/").content.decode()
    assert "面馆" not in stations
    assert "面馆" in friendly
    assert town.station.name in stations
    assert FriendlyPlace.objects.count() == Station.objects.count() - 1


def test_staff_of_another_community_see_nothing_of_it(town, visit):
    place = StationFactory(community=town.community, kind="merchant", name="面馆")
    client = visit(town.other_staff)
    assert "面馆" not in client.get("/admin/stations/friendlyplace/").content.decode()
    assert client.get(f"/admin/stations/friendlyplace/{place.pk}/change/").status_code in (302, 404)
