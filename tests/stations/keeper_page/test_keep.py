"""The keeper's screen: what is said there is on every page by the next request."""

import threading
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.utils import timezone

from stations.houses.models import Closure, Facility, LongerHours, Zone
from stations.keeping import closures, longer_hours
from stations.postings.models import Posting
from tests.factories.stations import OpeningHoursFactory, StationFactory
from tests.factories.workers import UserFactory, post
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.models import AuditEvent

PAGE, PUBLIC = "/stations/qingxiaoyi/keep/", "/stations/qingxiaoyi/"
SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY_EVENING = datetime(2026, 11, 23, 19, 30, tzinfo=SHANGHAI)


@pytest.fixture
def evening(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: MONDAY_EVENING)


@pytest.fixture
def station(town):
    for weekday in range(7):
        OpeningHoursFactory(station=town.station, weekday=weekday, opens=time(7), closes=time(21))
    return town.station


@pytest.fixture
def keeper(station):
    person = UserFactory(display_name="值班员（演示）")
    post(person, Posting.Role.STATION_KEEPER, station, start=date(2026, 11, 1))
    return person


@pytest.fixture
def furnished(station):
    zone = Zone.objects.create(station=station, floor=1, name="能量加油站")
    return [
        Facility.objects.create(zone=zone, seal=seal, name=name)
        for seal, name in (("水", "饮水机"), ("热", "微波炉"))
    ]


def said(client, **fields):
    return client.post(PAGE, fields, follow=True)


def test_a_closure_is_on_every_page_by_the_next_request(station, keeper, client, evening):
    client.force_login(keeper)
    assert "开放中 · 到 21:00" in client.get(PUBLIC).content.decode()
    shown = said(client, act="close", reason="停水检修", until_day="2026-11-25").content.decode()
    assert "写上了" in shown
    for page in (PUBLIC, "/"):
        text = client.get(page).content.decode()
        assert "11 月 25 日 7:00 开门" in text
        assert "开放中" not in text
    assert "停水检修" in client.get(PUBLIC).content.decode()
    event = AuditEvent.objects.get(kind="stations.announce_closure")
    assert (event.actor_id, event.actor_role) == (keeper.pk, "station_keeper")


def test_it_is_opened_again_once(station, keeper, client, evening):
    client.force_login(keeper)
    said(client, act="close", reason="停水检修")
    row = Closure.objects.get()
    assert "暂时关闭" in client.get(PUBLIC).content.decode()
    assert "重新开门了" in said(client, act="open", row=row.pk).content.decode()
    assert "已经重新开门了" in said(client, act="open", row=row.pk).content.decode()
    assert "开放中" in client.get(PUBLIC).content.decode()


def test_a_cold_night_is_one_tap(station, keeper, client, evening):
    client.force_login(keeper)
    page = client.get(PAGE).content.decode()
    midnight = datetime(2026, 11, 24, tzinfo=SHANGHAI).isoformat()
    assert f'value="{midnight}"' in page
    said(client, act="longer", until=midnight, why="今天极寒")
    text = client.get(PUBLIC).content.decode()
    assert "开放中 · 到 24:00" in text
    assert "今天极寒" in text
    row = LongerHours.objects.get()
    said(client, act="usual", row=row.pk)
    assert "到 21:00" in client.get(PUBLIC).content.decode()


def test_a_second_time_moves_the_end(station, keeper, evening):
    for hours in (3, 5):
        until = MONDAY_EVENING + timedelta(hours=hours)
        longer_hours.extend(station, until=until, reason="今天极寒", by=keeper)
    assert LongerHours.objects.get().ends_at == MONDAY_EVENING + timedelta(hours=5)


@pytest.mark.parametrize("hours", [-1, 0, 25])
def test_longer_hours_lie_in_the_next_day(station, keeper, evening, hours):
    until = MONDAY_EVENING + timedelta(hours=hours)
    with pytest.raises(NotAllowedNowError, match="24 小时"):
        longer_hours.extend(station, until=until, reason="今天极寒", by=keeper)


def test_what_is_closed_is_opened_before_it_is_open_longer(station, keeper, evening):
    closures.announce(station, reason="停电", by=keeper)
    with pytest.raises(NotAllowedNowError, match="先重新开门"):
        longer_hours.extend(
            station, until=MONDAY_EVENING + timedelta(hours=1), reason="今天极寒", by=keeper
        )


def test_two_closures_of_one_time_are_one_too_many(station, keeper, evening):
    closures.announce(station, reason="停电", by=keeper)
    with pytest.raises(NotAllowedNowError, match="已经写过关门"):
        closures.announce(station, reason="停水", by=keeper)


def test_one_that_has_not_begun_never_happens(station, keeper, evening):
    start = MONDAY_EVENING + timedelta(days=1)
    row = closures.announce(
        station, reason="停电", starts_at=start, ends_at=start + timedelta(hours=3), by=keeper
    )
    closures.lift(row, by=keeper)
    assert station.opening(start + timedelta(hours=1)).reason == ""


def test_a_round_notes_each_thing_and_who_looked(station, furnished, keeper, client, evening):
    client.force_login(keeper)
    water, oven = furnished
    version = client.get(PAGE).context["forms"]["round"].initial["form_version"]
    fields = {
        "act": "round",
        "round-form_version": version,
        f"round-condition_{water.pk}": "empty",
        f"round-remark_{water.pk}": "16:30 前送水",
        f"round-condition_{oven.pk}": "good",
    }
    assert "记下了" in said(client, **fields).content.decode()
    for row in furnished:
        row.refresh_from_db()
        assert (row.checked_at, row.checked_as) == (MONDAY_EVENING, "station_keeper")
    assert (water.condition, water.remark, oven.condition) == ("empty", "16:30 前送水", "good")
    text = client.get(PUBLIC).content.decode()
    assert "缺货" in text
    assert "16:30 前送水" in text


def test_somebody_else_was_on_the_round_meanwhile(station, furnished, keeper, client):
    client.force_login(keeper)
    water, oven = furnished
    version = client.get(PAGE).context["forms"]["round"].initial["form_version"]
    Facility.objects.filter(pk=water.pk).update(condition="broken", remark="在修")
    fields = {
        "act": "round",
        "round-form_version": version,
        f"round-condition_{water.pk}": "good",
        f"round-condition_{oven.pk}": "good",
    }
    answer = client.post(PAGE, fields)
    assert answer.status_code == 409
    assert "在修" in answer.content.decode()
    water.refresh_from_db()
    assert water.condition == "broken"


def test_something_new_is_put_up_and_something_old_taken_away(station, furnished, keeper, client):
    client.force_login(keeper)
    new = {"act": "thing", "name": "打气筒", "kind": "pump", "floor": "2"}
    assert "添上了" in said(client, **new).content.decode()
    pump = Facility.objects.get(name="打气筒")
    assert (pump.seal, pump.zone.floor, pump.checked_as) == ("气", 2, "station_keeper")
    assert "这层已经有" in said(client, **new).content.decode()
    assert "打气筒" in client.get(PUBLIC).content.decode()
    water = furnished[0]
    said(client, act="away", row=water.pk)
    assert "饮水机" not in client.get(PUBLIC).content.decode()
    kinds = ["stations.put_up", "stations.take_away"]
    assert AuditEvent.objects.filter(kind__in=kinds, actor_id=keeper.pk).count() == 2


def test_what_is_new_has_a_name_and_a_floor(station, keeper, client):
    client.force_login(keeper)
    answer = client.post(PAGE, {"act": "thing", "name": "", "kind": "pump", "floor": "99"})
    assert answer.status_code == 400
    assert not Facility.objects.exists()


def test_bad_input_saves_nothing_and_keeps_what_was_typed(station, keeper, client, evening):
    client.force_login(keeper)
    answer = client.post(PAGE, {"act": "close", "reason": "停水", "until_day": "2026-11-20"})
    assert answer.status_code == 400
    assert "再开的日子要在今天以后" in answer.content.decode()
    assert 'value="停水"' in answer.content.decode()
    assert not Closure.objects.exists()
    assert client.post(PAGE, {"act": "longer", "until": "x", "why": "冷"}).status_code == 400
    assert client.post(PAGE, {"act": "open", "row": "99"}).status_code == 404
    assert client.post(PAGE, {"act": "nothing"}).status_code == 400


def test_the_keeper_of_another_house_keeps_not_this_one(station, client, evening):
    other = UserFactory()
    post(
        other,
        Posting.Role.STATION_KEEPER,
        StationFactory(community=station.community),
        start=date(2026, 11, 1),
    )
    client.force_login(other)
    assert client.get(PAGE).status_code == 403
    with pytest.raises(NotAllowedNowError, match="不管这个驿站"):
        closures.announce(station, reason="停电", by=other)


def both(work):
    """Two people at one instant; what each was told."""
    start, told = threading.Barrier(2), []

    def one():
        try:
            start.wait()
            work()
            told.append("")
        except NotAllowedNowError as error:
            told.append(error.message)
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told


@pytest.mark.django_db(transaction=True)
def test_two_who_close_at_once_make_one_closure(station, keeper):
    told = both(lambda: closures.announce(station, reason="停电", by=keeper))
    assert sorted(map(bool, told)) == [False, True]
    assert Closure.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_there_are_two(station, keeper, monkeypatch):
    """Shows that the test above would see it."""
    meet = threading.Barrier(2, timeout=10)
    monkeypatch.setattr(closures, "held", lambda place, by: meet.wait() is None or place)
    told = both(lambda: closures.announce(station, reason="停电", by=keeper))
    assert told == ["", ""]
    assert Closure.objects.count() == 2
