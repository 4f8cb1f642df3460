"""The honest door: who says what, when two agree, who is told, and who reads the answer."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from stations.faults import faults
from stations.faults.faults import Teller
from stations.faults.models import FacilityFault, FaultTap
from stations.houses.models import Facility, Zone
from stations.postings.models import Posting
from tests.factories.stations import OpeningHoursFactory
from tests.factories.workers import UserFactory, post
from tests.threads import at_once
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.models import AuditEvent
from yuanhang.core.outbox.models import Notice

PAGE, TELL = "/stations/qingxiaoyi/", "/stations/qingxiaoyi/tell/"
KEEP = "/stations/qingxiaoyi/keep/"
NOON = datetime(2026, 11, 23, 12, tzinfo=ZoneInfo("Asia/Shanghai"))  # a Monday
LOCKED, EMPTY, BROKEN = "locked", "empty", "broken"


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """`clock(minutes=31)` is that long after noon."""

    def at(**later):
        monkeypatch.setattr(timezone, "now", lambda: NOON + timedelta(**later))

    at()
    return at


@pytest.fixture
def station(town):
    for weekday in range(7):
        OpeningHoursFactory(station=town.station, weekday=weekday, opens=time(7), closes=time(21))
    return town.station


@pytest.fixture
def water(station):
    zone = Zone.objects.create(station=station, floor=1, name="能量加油站")
    return Facility.objects.create(zone=zone, kind="water", seal="水", name="饮水机")


@pytest.fixture
def keeper(station):
    person = UserFactory()
    post(person, Posting.Role.STATION_KEEPER, station, start=date(2026, 11, 1))
    return person


def phone(address="10.0.0.1"):
    """A browser that has looked at the page, and so has a name of its own."""
    client = Client(REMOTE_ADDR=address)
    client.get(PAGE)
    return client


def tap(client, kind=LOCKED, **fields):
    return client.post(TELL, {"kind": kind, **fields}, follow=True).content.decode()


def notices(kind):
    return Notice.objects.filter(kind=f"stations.{kind}")


# --- the locked door ----------------------------------------------------------------------------


def test_two_strangers_say_locked_and_the_keeper_is_told_at_once(station, keeper, clock):
    first, second = phone("10.0.0.1"), phone("10.0.0.2")
    assert "记下了" in tap(first)
    assert "有人说锁着" not in first.get(PAGE).content.decode()
    assert not notices("fault").exists()
    clock(minutes=5)
    tap(second)
    shown = phone("10.0.0.9").get(PAGE).content.decode()
    assert "有人说锁着，先打电话" in shown
    assert station.desk_phone in shown
    told = set(notices("fault").values_list("recipient", flat=True))
    assert keeper.pk in told
    assert FacilityFault.objects.get().taps.count() == 2


def test_one_person_is_not_two(station, clock):
    one = phone()
    for _time in range(3):
        tap(one)
    assert FaultTap.objects.count() == 1
    # Another browser in the same hand, within ten seconds.
    clock(seconds=9)
    tap(phone())
    fault = FacilityFault.objects.get()
    assert faults.agreeing(fault) == 1
    # A colleague in the same network a minute later is somebody else.
    clock(seconds=70)
    tap(phone())
    assert faults.agreeing(FacilityFault.objects.get()) == 2


def test_two_who_say_so_an_hour_apart_do_not_agree(station, clock):
    tap(phone("10.0.0.1"))
    clock(minutes=31)
    tap(phone("10.0.0.2"))
    assert not notices("fault").exists()
    assert "有人说锁着" not in phone().get(PAGE).content.decode()


def test_a_door_that_is_closed_by_its_hours_is_no_fault(station, clock):
    clock(hours=10)
    assert "现在是关门的时间，明天 7:00 开门。" in tap(phone())
    assert not FacilityFault.objects.exists()


# --- a thing in the house -----------------------------------------------------------------------


def test_the_first_who_says_it_is_enough_for_a_thing(station, water, keeper):
    shown = tap(phone(), EMPTY, facility=water.pk)
    assert "1 人报" in shown
    assert notices("fault").filter(recipient=keeper).count() == 1


def test_the_second_worse_one_is_not_lost(station, water, keeper, clock):
    tap(phone("10.0.0.1"), EMPTY, facility=water.pk)
    clock(minutes=3)
    tap(phone("10.0.0.2"), EMPTY, facility=water.pk, words="水管爆了，地上全是水")
    fault = FacilityFault.objects.get()
    assert fault.taps.count() == 2
    again = notices("fault_again").get(recipient=keeper)
    # The words are on the keeper's page alone: staff may hide them, and they go in time.
    assert "水管爆了" not in again.title + again.body
    client = phone()
    client.force_login(keeper)
    assert "水管爆了" in client.get(KEEP).content.decode()
    # And when one says more, they are told once more.
    clock(minutes=4)
    tap(phone("10.0.0.3"), EMPTY, facility=water.pk, words="漏到楼道了")
    assert notices("fault_again").filter(recipient=keeper).count() == 2


def test_a_browser_that_keeps_nothing_is_promised_nothing(station, water):
    shown = Client().post(TELL, {"kind": EMPTY, "facility": water.pk}, follow=True)
    assert "记下了" in shown.content.decode()
    assert "在这里告诉你" not in shown.content.decode()


def test_only_what_holds_water_runs_dry(station, water):
    oven = Facility.objects.create(zone=water.zone, kind="oven", seal="热", name="微波炉")
    assert "点「坏了」" in tap(phone(), EMPTY, facility=oven.pk)
    assert not FacilityFault.objects.exists()


def test_nobody_reads_in_the_trail_who_told(station, water, town, client):
    client.force_login(town.rider)
    tap(client, EMPTY, facility=water.pk)
    events = AuditEvent.objects.filter(kind="stations.begin_fault")
    assert list(events.values_list("actor_id", flat=True)) == [None]


def test_two_answers_are_two_notices(station, water, keeper, town, client, clock):
    client.force_login(town.rider)
    tap(client, EMPTY, facility=water.pk)
    fault = FacilityFault.objects.get()
    for minutes in (1, 2):
        clock(minutes=minutes)
        faults.answer(fault, text="在路上", by=keeper)
    assert notices("fault_answered").count() == 2


def test_an_answer_that_comes_late_is_still_read(station, water, keeper, clock):
    teller = phone()
    tap(teller, EMPTY, facility=water.pk)
    clock(days=12)
    faults.repair(FacilityFault.objects.get(), by=keeper)
    assert "好了 · 今天" in teller.get(PAGE).content.decode()


def test_what_does_not_fit_is_refused(station, water):
    client = phone()
    assert "点一样东西，或者点门" in tap(client, EMPTY)
    assert "点一样东西，或者点门" in tap(client, LOCKED, facility=water.pk)
    assert "刷新一下" in tap(client, EMPTY, facility=99999)
    tap(client, "gone")
    assert not FacilityFault.objects.exists()


def test_a_thumb_that_taps_all_day_is_stopped(station, water):
    client = phone()
    for number in range(faults.TAPS_A_DAY):
        zone = water.zone
        thing = Facility.objects.create(zone=zone, seal="热", name=f"微波炉{number}")
        tap(client, BROKEN, facility=thing.pk)
    assert "今天点得够多了" in tap(client, BROKEN, facility=water.pk)


# --- taking back, answering, ending -------------------------------------------------------------


def test_a_slip_is_taken_back(station, water):
    client, other = phone(), phone("10.0.0.2")
    tap(client, EMPTY, facility=water.pk)
    fault = FacilityFault.objects.get()
    back = f"/stations/qingxiaoyi/take-back/{fault.pk}/"
    assert "已经收回了" in other.post(back, follow=True).content.decode()
    assert "收回了" in client.post(back, follow=True).content.decode()
    fault.refresh_from_db()
    assert (fault.end, fault.taps.counting().count()) == ("taken_back", 0)
    assert "人报" not in client.get(PAGE).content.decode()
    # And said again: a new one.
    tap(client, EMPTY, facility=water.pk)
    assert FacilityFault.objects.standing().count() == 1


def test_who_told_without_an_account_reads_the_answer_on_this_phone(
    station, water, keeper, client, clock
):
    teller, stranger = phone("10.0.0.1"), phone("10.0.0.2")
    tap(teller, EMPTY, facility=water.pk)
    fault = FacilityFault.objects.get()
    client.force_login(keeper)
    client.post(KEEP, {"act": "answer", "row": fault.pk, "answer": "16:30 前送水"})
    shown = teller.get(PAGE).content.decode()
    assert "驿站回话：16:30 前送水" in shown
    assert "驿站回话：16:30 前送水" in teller.get("/").content.decode()
    for page in (PAGE, "/"):
        assert "驿站回话" not in stranger.get(page).content.decode()
    clock(hours=4)
    client.post(KEEP, {"act": "repaired", "row": fault.pk})
    assert "好了 · 今天 16:00" in teller.get(PAGE).content.decode()
    clock(days=8)
    assert "好了 · " not in teller.get(PAGE).content.decode()


def test_who_told_with_an_account_gets_a_notice(station, water, keeper, town, client):
    client.force_login(town.rider)
    tap(client, EMPTY, facility=water.pk)
    fault = FacilityFault.objects.get()
    faults.answer(fault, text="在路上", by=keeper)
    faults.repair(fault, by=keeper)
    assert notices("fault_answered").get().recipient == town.rider
    assert notices("fault_ended").get().recipient == town.rider
    event = AuditEvent.objects.get(kind="stations.end_fault")
    assert event.actor_role == "station_keeper"


def test_a_repaired_thing_is_well_and_looked_at(station, water, keeper):
    Facility.objects.filter(pk=water.pk).update(condition="broken", remark="在修")
    tap(phone(), EMPTY, facility=water.pk)
    faults.repair(FacilityFault.objects.get(), by=keeper)
    water.refresh_from_db()
    assert (water.condition, water.remark, water.checked_as) == ("good", "", "station_keeper")


def test_the_words_of_one_are_hidden_and_the_rest_stays(station, water, keeper, client):
    tap(phone("10.0.0.1"), EMPTY, facility=water.pk, words="骂人的话")
    tap(phone("10.0.0.2"), EMPTY, facility=water.pk, words="一滴都没有")
    client.force_login(keeper)
    bad = FaultTap.objects.get(words="骂人的话")
    client.post(KEEP, {"act": "hide", "row": bad.pk})
    shown = client.get(KEEP).content.decode()
    assert "骂人的话" not in shown
    assert "一滴都没有" in shown
    assert FacilityFault.objects.get().taps.counting().count() == 2


@pytest.mark.parametrize("verb", [faults.repair, faults.dismiss])
def test_it_ends_once(station, water, keeper, verb):
    tap(phone(), EMPTY, facility=water.pk)
    fault = FacilityFault.objects.get()
    verb(fault, by=keeper)
    with pytest.raises(NotAllowedNowError, match="已经处理完了"):
        verb(fault, by=keeper)
    with pytest.raises(NotAllowedNowError, match="已经处理完了"):
        faults.answer(fault, text="晚了", by=keeper)


def test_a_stranger_answers_nothing(station, water, town):
    tap(phone(), EMPTY, facility=water.pk)
    with pytest.raises(NotAllowedNowError, match="不管这个驿站"):
        faults.repair(FacilityFault.objects.get(), by=town.rider)


def test_nobody_else_sees_who_tapped(station, water, town, client):
    client.force_login(town.rider)
    tap(client, EMPTY, facility=water.pk, words="没水")
    for page in (PAGE, "/"):
        assert town.rider.display_name not in phone().get(page).content.decode()
    assert "没水」" not in phone().get(PAGE).content.decode()


def test_what_nobody_says_again_is_not_told_on(station, water, clock):
    teller = phone()
    tap(teller)
    tap(teller, EMPTY, facility=water.pk)
    clock(hours=11, minutes=59)
    assert faults.lapse() == 0
    clock(hours=12)
    assert faults.lapse() == 1
    assert [fault.kind for fault in FacilityFault.objects.standing()] == ["empty"]
    clock(days=30)
    assert faults.lapse() == 1
    assert "很久没人再说" in teller.get(PAGE).content.decode()
    # Said again it is a new one.
    tap(teller, EMPTY, facility=water.pk)
    assert FacilityFault.objects.standing().count() == 1


# --- at one instant -----------------------------------------------------------------------------


def two_at_once(station):
    tellers = [Teller(f"device{n}", f"address{n}") for n in range(2)]
    return at_once(lambda: faults.tell(station, LOCKED, who=tellers.pop()))


@pytest.mark.django_db(transaction=True)
def test_two_at_once_join_one_fault_and_the_keeper_hears_once(station, keeper):
    found = two_at_once(station)
    assert {type(one) for one in found} == {FacilityFault}
    assert FacilityFault.objects.count() == 1
    assert notices("fault").filter(recipient=keeper).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_end_it_at_once(station, water, keeper):
    fault = faults.tell(station, EMPTY, facility=water, who=Teller("d", "a"))
    told = at_once(lambda: faults.repair(fault, by=keeper))
    assert sorted(type(one).__name__ for one in told) == ["NoneType", "NotAllowedNowError"]


@pytest.mark.django_db(transaction=True)
def test_without_the_locks_both_would_end_it(station, water, keeper, monkeypatch):
    from tests.threads import meet, without_row_locks

    fault = faults.tell(station, EMPTY, facility=water, who=Teller("d", "a"))
    without_row_locks(monkeypatch)
    meet(monkeypatch, faults, "_standing")
    told = at_once(lambda: faults.repair(fault, by=keeper))
    assert [type(one).__name__ for one in told] == ["NoneType", "NoneType"]


def test_the_page_asks_little(station, water, django_assert_max_num_queries):
    for n in range(5):
        tap(phone(f"10.0.1.{n}"), EMPTY, facility=water.pk)
    client = phone()
    client.get(PAGE)
    with django_assert_max_num_queries(8):
        client.get(PAGE)
