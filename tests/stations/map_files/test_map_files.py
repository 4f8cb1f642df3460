"""What map vendors fetch: the right place in each datum, and hours that are true now."""

import csv
import io
import json
from datetime import time

import pytest
from django.utils import timezone

from stations.houses.models import Closure
from tests.factories.stations import OpeningHoursFactory, StationFactory


def rows(client, datum=""):
    answer = client.get(f"/stations/places.csv?datum={datum}" if datum else "/stations/places.csv")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


@pytest.mark.parametrize(
    ("datum", "latitude", "longitude"),
    [
        ("wgs84", "46.545000", "124.945000"),
        ("gcj02", "46.546762", "124.951497"),
        ("bd09", "46.552728", "124.957996"),
    ],
)
def test_each_datum_has_its_own_numbers(town, client, datum, latitude, longitude):
    (row,) = rows(client, datum)
    assert (row["纬度"], row["经度"], row["坐标系"]) == (latitude, longitude, datum.upper())


def test_another_datum_is_no_page(town, client):
    assert client.get("/stations/places.csv?datum=utm").status_code == 404


def test_hours_and_a_closure_are_told(town, client):
    assert rows(client)[0]["开放时间"] == "时间未填"
    OpeningHoursFactory(station=town.station, weekday=0, opens=time(7), closes=time(21))
    assert rows(client)[0]["开放时间"] == "周一 7:00–21:00"
    Closure.objects.create(station=town.station, starts_at=timezone.now(), reason="停水")
    assert rows(client)[0]["开放时间"] == "暂时关闭：停水；平时 周一 7:00–21:00"


def test_what_begins_like_a_formula_is_a_text(town, client):
    StationFactory(community=town.community, name="=1+1", is_listed=True)
    assert rows(client)[1]["名称"] == "'=1+1"


def test_what_is_not_listed_or_nowhere_is_left_out(town, client):
    StationFactory(community=town.community, is_listed=False)
    StationFactory(community=town.community, latitude=None, longitude=None)
    assert len(rows(client)) == 1


def test_geojson_has_longitude_first_and_wgs84_alone(town, client):
    answer = client.get("/stations/places.geojson?datum=gcj02")
    assert answer["Content-Type"] == "application/geo+json"
    (feature,) = json.loads(answer.content)["features"]
    assert feature["geometry"] == {"type": "Point", "coordinates": [124.945, 46.545]}
    assert feature["properties"]["name"] == town.station.name
