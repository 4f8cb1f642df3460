"""The public page of a station, the way to it, and its poster."""

import re
from datetime import UTC, datetime, time, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import segno
from django.utils import timezone

from stations.houses.models import Facility, Station, Zone
from tests.factories.stations import OpeningHoursFactory, StationFactory

PAGE = "/stations/qingxiaoyi/"
MONDAY_MORNING = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # 9:00 in Daqing


def open_on(station, weekday, opens, closes):
    OpeningHoursFactory(
        station=station,
        weekday=weekday,
        opens=time.fromisoformat(opens),
        closes=time.fromisoformat(closes),
    )


def furnish(station, count, floor=1, name="能量加油站"):
    zone = Zone.objects.create(station=station, floor=floor, name=name)
    make = Facility.objects.create
    return [make(zone=zone, seal="水", name=f"设施{n}", order=n) for n in range(count)]


def text_of(response):
    """What a reader sees, in one line."""
    return " ".join(re.sub(r"<[^>]*>", " ", response.content.decode()).split())


@pytest.fixture
def monday_morning(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: MONDAY_MORNING)


def test_it_says_in_large_type_until_when_it_is_open(town, client, monday_morning):
    open_on(town.station, 0, "08:00", "21:00")
    assert "开放中 · 到 21:00" in text_of(client.get(PAGE))


def test_midnight_reads_as_twenty_four_hours(town, client, monday_morning):
    open_on(town.station, 0, "08:00", "00:00")
    shown = text_of(client.get(PAGE))
    assert "开放中 · 到 24:00" in shown
    assert "8:00–24:00" in shown


@pytest.mark.parametrize(
    ("weekday", "opens", "words"),
    [(0, "14:00", "关门了。 14:00 开门"), (1, "08:30", "关门了。 明天 8:30 开门")],
)
def test_it_says_when_it_opens_while_it_is_closed(
    town, client, monday_morning, weekday, opens, words
):
    open_on(town.station, weekday, opens, "21:00")
    response = client.get(PAGE)
    assert words in text_of(response)
    assert "is-closed" in response.content.decode()


def test_without_hours_it_says_to_call(town, client):
    assert "时间未填 先打电话问" in text_of(client.get(PAGE))


def test_the_week_is_told_day_by_day(town, client):
    for weekday, opens, closes in [(0, "14:00", "21:00"), (0, "08:00", "12:00")]:
        open_on(town.station, weekday, opens, closes)
    shown = text_of(client.get(PAGE))
    assert "周一 8:00–12:00 ， 14:00–21:00" in shown.replace("，", " ， ").replace("  ", " ")
    for day in ("周二", "周三", "周四", "周五", "周六", "周日"):
        assert f"{day} 不开" in shown


def test_facilities_stand_by_floor_with_their_condition(town, client):
    upstairs = furnish(town.station, 1, floor=2, name="温暖文娱区")[0]
    first, second = furnish(town.station, 2)
    Facility.objects.filter(pk=second.pk).update(name="微波炉", condition="broken", remark="等换新")
    Facility.objects.filter(pk=first.pk).update(name="饮水机", condition="empty")
    Facility.objects.filter(pk=upstairs.pk).update(name="沙发")
    shown = text_of(client.get(PAGE))
    parts = ["1 楼 能量加油站", "饮水机", "缺货", "微波炉", "坏了", "等换新"]
    parts += ["2 楼 温暖文娱区", "沙发", "正常"]
    floors = shown[shown.index("1 楼") :]  # what is faulty stands above them, too
    places = [floors.index(part) for part in parts]
    assert places == sorted(places)


def test_an_empty_floor_says_so(town, client):
    furnish(town.station, 0)
    assert "设施还没登记" in text_of(client.get(PAGE))


def test_the_oldest_check_is_told_so_that_nothing_is_promised(town, client):
    old, new, never = furnish(town.station, 3)
    now = timezone.now()
    Facility.objects.filter(pk=old.pk).update(checked_at=now - timedelta(days=400))
    Facility.objects.filter(pk=new.pk).update(checked_at=now)
    # Where one was never looked at, nobody says that all of them were.
    assert "看过" not in text_of(client.get(PAGE))
    Facility.objects.filter(pk=never.pk).update(checked_at=now)
    response = client.get(PAGE)
    assert response.context["page"].checked_at == now - timedelta(days=400)
    assert "看过" in text_of(response)


def test_the_map_links_carry_the_point_in_each_vendors_order(town, client):
    Station.objects.filter(pk=town.station.pk).update(name="庆小驿; 温暖站: A&B")
    page = client.get(PAGE).content.decode()
    links = re.findall(r'<a [^>]*href="(https?://[^"]*map[^"]*)"[^>]*>([^<]*图)</a>', page)
    found = {}
    for url, label in links:
        parts = urlsplit(url.replace("&amp;", "&"))
        found[label] = (parts.netloc, {k: v[0] for k, v in parse_qs(parts.query).items()})
    assert set(found) == {"高德地图", "腾讯地图", "百度地图"}
    host, amap = found["高德地图"]
    assert (host, amap["position"], amap["coordinate"]) == (
        "uri.amap.com",
        "124.945000,46.545000",
        "wgs84",
    )
    assert amap["name"] == "庆小驿; 温暖站: A&B"
    host, tencent = found["腾讯地图"]
    assert (host, tencent["coord_type"]) == ("apis.map.qq.com", "1")
    assert tencent["marker"].split(";")[0] == "coord:46.545000,124.945000"
    assert tencent["marker"].count(";") == 2
    host, baidu = found["百度地图"]
    assert (host, baidu["location"], baidu["coord_type"]) == (
        "api.map.baidu.com",
        "46.545000,124.945000",
        "wgs84",
    )


def test_without_a_point_there_is_no_map_but_still_a_page(town, client):
    Station.objects.update(latitude=None, longitude=None)
    response = client.get(PAGE)
    assert response.status_code == 200
    assert "map" not in "".join(re.findall(r'href="(http[^"]*)"', response.content.decode()))


def test_one_press_calls_the_desk(town, client):
    assert 'href="tel:0459-0000000"' in client.get(PAGE).content.decode()
    Station.objects.update(desk_phone="")
    assert "tel:" not in client.get(PAGE).content.decode()


def test_a_guest_is_offered_to_register_here_and_a_rider_to_report(town, visit):
    guest = visit(None).get(PAGE).content.decode()
    assert 'href="/accounts/signup/?station=qingxiaoyi"' in guest
    rider = visit(town.rider).get(PAGE).content.decode()
    assert "/accounts/signup/" not in rider
    assert "/hazards/report/" in rider


@pytest.mark.parametrize("page", ["", "poster/", "poster.svg"])
def test_what_is_not_listed_or_unknown_is_not_there(town, client, page):
    StationFactory(community=town.community, slug="hidden", is_listed=False)
    assert client.get(f"{PAGE}{page}").status_code == 200
    assert client.get(f"/stations/hidden/{page}").status_code == 404
    assert client.get(f"/stations/unknown/{page}").status_code == 404
    assert client.get(f"/stations/%00/{page}").status_code == 404
    assert client.post(f"{PAGE}{page}").status_code == 405


def test_the_poster_shows_the_code_and_the_desk_but_no_person(town, client):
    response = client.get(f"{PAGE}poster/")
    page = response.content.decode()
    assert 'src="/stations/qingxiaoyi/poster.svg"' in page
    shown = text_of(response)
    for words in ("庆小驿温暖站", "远航社区", "扫一扫，登记一次", "前台电话 0459-0000000"):
        assert words in shown


def test_the_code_leads_to_the_sign_up_at_this_station(town, client, settings):
    settings.SITE_URL = "https://yuanhang.example"
    response = client.get(f"{PAGE}poster.svg")
    assert response["Content-Type"] == "image/svg+xml"
    address = "https://yuanhang.example/accounts/signup/?station=qingxiaoyi"
    assert drawing(response.content.decode()) == drawing(
        segno.make(address, error="m").svg_inline(scale=8, border=2)
    )
    other = segno.make(address.replace("qingxiaoyi", "hidden"), error="m")
    assert drawing(response.content.decode()) != drawing(other.svg_inline(scale=8, border=2))
    form = client.get("/accounts/signup/?station=qingxiaoyi").content.decode()
    assert '<input type="hidden" name="station" value="qingxiaoyi">' in form


def drawing(svg):
    """The path that draws the modules."""
    return re.search(r' d="([^"]+)"', svg).group(1)


@pytest.mark.parametrize("count", [1, 3, 30])
def test_a_page_costs_the_same_however_well_it_is_furnished(
    town, client, monday_morning, django_assert_num_queries, count
):
    for floor in range(1, min(count, 4) + 1):
        furnish(town.station, count, floor=floor)
    for weekday in range(min(count, 7)):
        open_on(town.station, weekday, "08:00", "21:00")
    StationFactory.create_batch(count, community=town.community)
    client.get(PAGE)  # what staff edit is kept from then on
    with django_assert_num_queries(3):  # versions, faults that stand, what this device told
        client.get(PAGE)
