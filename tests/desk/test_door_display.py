"""The screen at the door: what is so now, and nobody's name."""

from datetime import time

import pytest

from stations.faults import faults
from stations.faults.faults import Teller
from stations.houses.models import Facility, Zone
from tests.factories.stations import OpeningHoursFactory
from tests.factories.volunteers import ActivityFactory, session

PAGE = "/stations/qingxiaoyi/display/"


@pytest.fixture
def water(town):
    for weekday in range(7):
        OpeningHoursFactory(station=town.station, weekday=weekday, opens=time(0), closes=time(0))
    zone = Zone.objects.create(station=town.station, name="能量加油站")
    return Facility.objects.create(zone=zone, kind="water", seal="水", name="饮水机")


def test_it_tells_what_is_so(town, water, client):
    session(ActivityFactory(community=town.community, organiser=town.staff, title="灭火器课"))
    page = client.get(PAGE).content.decode()
    for words in ("开放中 · 全天", "饮水机", "灭火器课", "扫一下，报隐患", town.station.desk_phone):
        assert words in page
    for person in (town.staff, town.rider):
        assert person.display_name not in page


def test_what_two_people_say_stands_out(town, water, client):
    faults.tell(town.station, "empty", facility=water, who=Teller("d1", "a1"))
    assert "is-faulty" not in client.get(PAGE).content.decode()
    faults.tell(town.station, "empty", facility=water, who=Teller("d2", "a2"))
    page = client.get(PAGE).content.decode()
    assert "is-faulty" in page
    assert "没水了" in page


def test_it_asks_little_and_sets_no_cookie(town, water, client, django_assert_max_num_queries):
    client.get(PAGE)
    with django_assert_max_num_queries(8):
        answer = client.get(PAGE)
    assert not answer.cookies


def test_the_code_leads_to_the_report_form(client, db):
    answer = client.get("/report-code.svg")
    assert answer["Content-Type"] == "image/svg+xml"
    assert b"<svg" in answer.content


def test_a_friendly_place_that_is_not_public_has_no_screen(town, client):
    town.station.is_listed = False
    town.station.save()
    assert client.get(PAGE).status_code == 404
