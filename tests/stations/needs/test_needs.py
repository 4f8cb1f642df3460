"""Where somebody warms themselves: what works, what is open, how far, and in which direction."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from stations.faults import faults
from stations.faults.faults import Teller
from stations.houses.models import Facility, Zone
from stations.needs import needs
from stations.needs.needs import Need, Way, way_between
from tests.factories.stations import LandmarkFactory, OpeningHoursFactory, StationFactory
from yuanhang.core.outbox.models import Notice

NOON = datetime(2026, 11, 23, 12, tzinfo=ZoneInfo("Asia/Shanghai"))
HERE = (46.545, 124.945)


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    def at(**later):
        monkeypatch.setattr(timezone, "now", lambda: NOON + timedelta(**later))

    at()
    return at


@pytest.fixture
def place(town):
    """`place(name, kinds, north=, east=, opens=, closes=)`: degrees away from the station."""

    def make(name, *kinds, north=0.0, east=0.0, opens=0, closes=0, **fields):
        made = StationFactory(
            community=town.community,
            name=name,
            kind="merchant",
            latitude=HERE[0] + north,
            longitude=HERE[1] + east,
            **fields,
        )
        for weekday in range(7):
            OpeningHoursFactory(
                station=made, weekday=weekday, opens=time(opens), closes=time(closes)
            )
        zone = Zone.objects.create(station=made, name="店里")
        for kind in kinds:
            Facility.objects.create(zone=zone, kind=kind, seal="暖", name=kind)
        return made

    return make


def names(found):
    return [one.station.name for one in found]


def test_only_what_has_everything_that_was_asked_for(place):
    place("药店", "heating", "power")
    place("面馆", "heating", "oven")
    assert names(needs.places([Need.WARM, Need.CHARGE])) == ["药店"]
    assert set(names(needs.places([Need.WARM]))) == {"药店", "面馆"}


def test_what_is_broken_meets_no_need(place):
    made = place("药店", "heating")
    Facility.objects.filter(zone__station=made).update(condition="broken")
    assert names(needs.places([Need.WARM])) == []


def test_what_two_people_found_broken_meets_no_need(place):
    made = place("药店", "heating")
    thing = Facility.objects.get(zone__station=made)
    faults.tell(made, "broken", facility=thing, who=Teller("d1", "a1"))
    assert names(needs.places([Need.WARM])) == ["药店"]
    faults.tell(made, "broken", facility=thing, who=Teller("d2", "a2"))
    assert names(needs.places([Need.WARM])) == []


def test_open_ones_first_then_the_nearest_and_a_locked_door_behind_them(place, clock):
    place("近的关着", "heating", north=0.001, opens=18, closes=20)
    place("远的开着", "heating", north=0.02)
    locked = place("最近锁着", "heating", north=0.0005)
    place("中间开着", "heating", north=0.01)
    for n in range(2):
        faults.tell(locked, "locked", who=Teller(f"d{n}", f"a{n}"))
    found = needs.places([Need.WARM], start=HERE)
    assert names(found) == ["中间开着", "远的开着", "最近锁着", "近的关着"]
    # Nobody said so again: after some hours it is believed no longer.
    clock(hours=4)
    assert names(needs.places([Need.WARM], start=HERE))[0] == "最近锁着"


def test_in_summer_people_cool_down_instead():
    assert Need.COOL in needs.offered(7)
    assert Need.WARM not in needs.offered(7)
    assert [len(needs.offered(month)) for month in (1, 6, 8, 9)] == [8, 8, 8, 8]


@pytest.mark.parametrize(
    ("north", "east", "words"),
    [
        (0.01, 0, "往北"),
        (0, 0.01, "往东"),
        (-0.01, 0, "往南"),
        (0, -0.01, "往西"),
        (0.01, 0.0145, "往东北"),
        (0, 0, ""),
    ],
)
def test_directions(north, east, words):
    assert way_between(HERE, (HERE[0] + north, HERE[1] + east)).direction == words


@pytest.mark.parametrize(
    ("metres", "far", "minutes"),
    [
        (4, "0 米", "走 1 分钟"),
        (346, "350 米", "走 5 分钟"),
        (640, "640 米", "骑 3 分钟"),
        (1449, "1.4 公里", "骑 7 分钟"),
    ],
)
def test_distances_as_people_say_them(metres, far, minutes):
    way = Way(metres, 0)
    assert (way.far, way.minutes) == (far, minutes)


def test_the_page_works_by_landmark_and_without_scripts(place, town, client):
    place("药店", "heating", "power", north=0.0031)
    market = LandmarkFactory(
        community=town.community, name="大集北口", latitude=HERE[0], longitude=HERE[1]
    )
    page = client.get("/stations/?need=warm&need=charge").content.decode()
    assert "能取暖又能充电的 1 处" in page
    assert "米" not in page.split("能取暖又能充电")[1]
    page = client.get(f"/stations/?need=warm&need=charge&landmark={market.pk}").content.decode()
    assert "340 米" in page
    assert "往北" in page


def test_odd_questions_find_what_they_can(place, client):
    place("药店", "heating")
    for query in (
        "need=x",
        "need=warm&need=warm",
        "landmark=999999",
        "landmark=a",
        "need=%00",
        "q=1",
    ):
        assert client.get(f"/stations/?{query}").status_code == 200


def test_nothing_open_says_so(place, client):
    place("药店", "heating", opens=18, closes=20)
    page = client.get("/stations/?need=warm").content.decode()
    assert "现在没有开着的" in page
    assert "18:00 开门" in page


def test_a_closed_station_leads_a_guest_to_the_next_open_warm_place(place, town, client):
    for weekday in range(7):
        OpeningHoursFactory(station=town.station, weekday=weekday, opens=time(7), closes=time(9))
    place("远药店", "heating", north=0.02)
    near = place("近药店", "heating", north=0.003)
    place("没暖气的", "water", north=0.001)
    page = client.get("/stations/qingxiaoyi/").content.decode()
    assert "明天 7:00 开门" in page
    assert page.index("近药店") < page.index("远药店")
    assert "没暖气的" not in page
    assert f"去{near.name}" in " ".join(page.split()).replace("> ", ">")
    assert 'href="tel:120"' in page


def test_an_open_station_leads_nowhere_else(place, town, client):
    for weekday in range(7):
        OpeningHoursFactory(station=town.station, weekday=weekday, opens=time(7), closes=time(21))
    place("药店", "heating")
    assert "药店" not in client.get("/stations/qingxiaoyi/").content.decode()


def test_it_asks_the_same_for_one_place_and_for_thirty(place, client, django_assert_num_queries):
    place("药店", "heating")
    client.get("/stations/")
    with django_assert_num_queries(2):  # the versions, and the faults that stand
        client.get("/stations/")
    for n in range(30):
        place(f"店{n}", "heating", north=n / 1000)
    client.get("/stations/")
    with django_assert_num_queries(2):
        client.get("/stations/")


def test_a_place_that_is_gone_waits_below_for_staff_to_look(place, client, town):
    made = place("面馆", "heating", north=0.001)
    place("远药店", "heating", north=0.02)
    faults.tell(made, "gone", who=Teller("d1", "a1"))
    assert names(needs.places([Need.WARM], start=HERE)) == ["面馆", "远药店"]
    assert not Notice.objects.filter(kind="stations.fault").exists()
    faults.tell(made, "gone", who=Teller("d2", "a2"))
    assert names(needs.places([Need.WARM], start=HERE)) == ["远药店", "面馆"]
    assert Notice.objects.filter(kind="stations.fault", recipient=town.staff).exists()
    page = client.get("/stations/?need=warm").content.decode()
    assert page.index("现在没开") < page.index("待核实")
    # Nobody can say so of a station of ours.
    assert "已经没有了" in client.get(made.get_absolute_url()).content.decode()
    assert "已经没有了" not in client.get("/stations/qingxiaoyi/").content.decode()


def test_in_summer_nobody_is_sent_to_warm_themselves(place, town, client, clock):
    clock(days=240)  # July
    for weekday in range(7):
        OpeningHoursFactory(station=town.station, weekday=weekday, opens=time(7), closes=time(9))
    place("有空调", "aircon", north=0.003)
    page = client.get("/stations/qingxiaoyi/").content.decode()
    assert "现在去这儿凉快" in page
    assert "手脚没知觉" not in page
