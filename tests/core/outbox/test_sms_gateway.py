"""A gateway in all its moods: what was not taken goes out later, what may have been never twice."""

import time
from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone
from django_q.models import OrmQ

from tests.core.outbox import sms_relay
from tests.core.outbox.sms_relay import REFUSED, SECRET, report
from yuanhang.core.outbox import (
    channels,
    deliveries,
    http_gateway,
    notices,
    parties,
    sms,
    sms_counts,
    unsettled,
)
from yuanhang.core.outbox.models import Delivery, Notice, Party

State = Delivery.State
GUEST = "10000019999"
LIST = "/admin/yuanhang/delivery/"


@pytest.fixture
def relay(settings, monkeypatch):
    """SMS through a relay on this machine; half a second instead of eight."""
    monkeypatch.setattr(http_gateway, "SECONDS", 0.5)
    with sms_relay.running() as found:
        settings.SMS_GATEWAY = "yuanhang.core.outbox.http_gateway.HttpGateway"
        settings.SMS_HTTP_URL, settings.SMS_HTTP_SECRET = found.url, SECRET
        settings.SMS_TEMPLATES = {"notice": "SMS_7"}
        yield found


def tell(phone=GUEST, key="k"):
    """A stored and queued SMS."""
    notice = Notice.objects.create(key=key, kind="core.test", title="路灯修好了")
    return deliveries.put("sms", notice=notice, address=phone, variables={"title": "路灯修好了"})


def send(delivery):
    """What the queue does with it; its row afterwards."""
    deliveries.deliver(delivery.pk)
    delivery.refresh_from_db()
    return delivery


def pass_time(**duration):
    """Everything that happened becomes older."""
    step = timedelta(**duration)
    names = ("created_at", "asked_at", "due_at", "tried_at")
    Delivery.objects.update(**{name: F(name) - step for name in names})
    Party.objects.update(rests_until=F("rests_until") - step)


def work():
    """Sweep, and do what is queued."""
    deliveries.sweep()
    for task in OrmQ.objects.order_by("pk"):
        deliveries.deliver(*task.task["args"])
        task.delete()


# --- what it is given -----------------------------------------------------------------------


def test_a_gateway_gets_a_template_and_short_values_and_no_text(db, relay):
    delivery = send(tell())
    assert (delivery.state, delivery.address) == (State.SENT, "")
    assert delivery.outside_id == f"biz-{delivery.reference}"
    assert relay.taken == [
        {
            "reference": delivery.reference,
            "phone": GUEST,
            "template": "SMS_7",
            "variables": {"title": "路灯修好了"},
        }
    ]


def test_a_value_of_any_length_still_sends_and_takes_no_link_along():
    long = sms.NOTICE.fitting({"title": "东" * 40})
    assert long == {"title": "东" * 29 + "…"}
    odd = sms.NOTICE.fitting({"title": "【看】这\n里 https://evil.example/x www.evil.example 吧"})
    assert odd == {"title": "看这 里 吧"}
    assert sms.NOTICE.fitting({}) == {"title": ""}


# --- what was not taken ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mood", "kind"),
    [("broken", "HTTP 500"), ("down", "HTTP 503"), ("busy", "busy"), ("strict", "HTTP 401")],
)
def test_what_the_gateway_did_not_take_goes_out_once_it_does(db, relay, mood, kind):
    relay.mood = mood
    delivery = send(tell())
    assert (delivery.state, delivery.error, delivery.address) == (State.PENDING, kind, GUEST)
    relay.mood = "take"
    pass_time(minutes=1)
    work()
    delivery.refresh_from_db()
    assert (delivery.state, len(relay.taken)) == (State.SENT, 1)


def test_a_gateway_that_is_not_there_loses_nothing(db, relay, settings):
    url, settings.SMS_HTTP_URL = settings.SMS_HTTP_URL, "http://127.0.0.1:1/send"
    delivery = send(tell())
    assert (delivery.state, delivery.error) == (State.PENDING, "ConnectionRefusedError")
    settings.SMS_HTTP_URL = url
    pass_time(minutes=1)
    work()
    assert len(relay.taken) == 1


def test_twelve_hours_without_a_gateway_lose_nothing_and_send_nothing_twice(db, relay):
    relay.mood = "down"
    rows = [tell(f"1000002{n:04}", key=str(n)) for n in range(5)]
    for _quarter in range(12 * 4):
        work()
        pass_time(minutes=15)
    # The host was asked once a rest, and not once a message.
    assert relay.asked <= 12 * 4 + 5
    assert set(Delivery.objects.values_list("state", flat=True)) == {State.PENDING}
    relay.mood = "take"
    work()  # the first one finds out
    for _minute in range(3):
        pass_time(minutes=1)
        work()
    assert sorted(message["phone"] for message in relay.taken) == [row.address for row in rows]
    assert set(Delivery.objects.values_list("state", flat=True)) == {State.SENT}


def test_a_refused_number_is_final_and_says_why(db, relay):
    delivery = send(tell(REFUSED))
    assert (delivery.state, delivery.error) == (State.FAILED, "refused: MOBILE_NUMBER_ILLEGAL")
    pass_time(hours=1)
    work()
    assert relay.asked == 1
    assert sms_counts.month_count(timezone.localdate()) == 0
    assert not Party.objects.filter(failures__gt=0).exists()


# --- what nobody knows of -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mood", "kind"),
    [
        ("hang", "TimeoutError"),
        ("drip", "TimeoutError"),
        ("drop", "RemoteDisconnected"),
        ("cut", "IncompleteRead"),
        ("lost", "HTTP 504"),
        ("garbage", "not an answer"),
    ],
)
def test_what_may_have_left_is_not_sent_again_by_itself(db, relay, mood, kind):
    relay.mood = mood
    began = time.monotonic()
    delivery = send(tell())
    assert time.monotonic() - began < 5
    assert (delivery.state, delivery.error, delivery.address) == (State.UNKNOWN, kind, GUEST)
    relay.mood, relay.taken[1:] = "take", []
    before = len(relay.taken)
    for _hour in range(60):
        pass_time(hours=1)
        work()
    delivery.refresh_from_db()
    assert (delivery.state, len(relay.taken)) == (State.UNKNOWN, before)


def test_any_error_of_a_gateway_of_ones_own_counts_as_unknown(db, settings):
    settings.SMS_GATEWAY = f"{__name__}.Clumsy"
    delivery = send(tell())
    assert (delivery.state, delivery.error) == (State.UNKNOWN, "KeyError")


class Clumsy(sms.Gateway):
    """Sends, and then makes a mistake."""

    def send(self, message):
        raise KeyError(message.phone)


def test_a_slow_gateway_rests_as_a_whole(db, relay):
    relay.mood = "hang"
    first, second = tell(), tell("10000018888", key="other")
    send(first)
    assert send(second).attempts == 0
    assert relay.asked == 1
    assert second.due_at > timezone.now()
    # After its rest one is sent to find out, and the others wait for that.
    pass_time(minutes=1)
    assert parties.rests_until("sms", timezone.now()) is None
    assert parties.rests_until("sms", timezone.now()) is not None


# --- reports --------------------------------------------------------------------------------


@pytest.fixture
def unknown(db, relay):
    """An SMS that nobody knows of."""
    relay.mood = "hang"
    delivery = send(tell())
    relay.mood = "take"
    return delivery


def state_of(delivery):
    delivery.refresh_from_db()
    return (delivery.state, delivery.error, delivery.address)


def test_a_report_settles_what_nobody_knew_of(unknown):
    assert report({"reference": unknown.reference, "outcome": "delivered"}).status_code == 200
    assert state_of(unknown) == (State.DELIVERED, "", "")


def test_reports_come_twice_late_and_in_any_order(unknown):
    words = ("sent", "delivered", "sent", "failed", "delivered", "delivered")
    for outcome in words:
        report({"reference": unknown.reference, "outcome": outcome})
    assert state_of(unknown) == (State.DELIVERED, "", "")
    assert Delivery.objects.count() == 1


def test_a_failed_report_can_be_sent_again(unknown, town, visit, relay):
    report({"reference": unknown.reference, "outcome": "failed", "code": "SUSPEND"})
    assert state_of(unknown)[:2] == (State.FAILED, "receipt: SUSPEND")
    act(visit(town.admin), "send_again", unknown)
    pass_time(minutes=2)
    work()
    assert state_of(unknown)[0] == State.SENT
    assert len({message["reference"] for message in relay.taken}) == 2


def test_a_report_that_is_faster_than_our_own_commit_is_kept(db, relay):
    delivery = tell()
    claimed = deliveries._claim(delivery.pk)  # the message leaves, its answer is on its way
    report({"reference": f"biz-{claimed.reference}", "outcome": "delivered"})
    report({"reference": claimed.reference, "outcome": "sent"})
    Delivery.objects.update(state=State.PENDING, due_at=timezone.now())
    relay.mood = "take"
    real, sms_token = deliveries.secrets.token_hex, claimed.reference.rpartition("-")[2]
    try:
        deliveries.secrets.token_hex = lambda _length: sms_token
        Delivery.objects.update(attempts=0)
        send(delivery)
    finally:
        deliveries.secrets.token_hex = real
    assert state_of(delivery) == (State.DELIVERED, "", "")


def test_an_earlier_try_that_arrived_after_all_stops_the_next(unknown, town, visit, relay):
    act(visit(town.admin), "send_again", unknown)
    report({"reference": unknown.reference, "outcome": "delivered"})
    pass_time(minutes=2)
    work()
    assert state_of(unknown)[0] == State.DELIVERED
    assert len(relay.taken) == 1


@pytest.mark.parametrize("outcome", ["delivered", "failed"])
def test_a_report_without_a_good_sign_changes_nothing(unknown, outcome):
    said = {"reference": unknown.reference, "outcome": outcome}
    old = str(int(time.time()) - 400)
    for odd in ({"sign": "0" * 64}, {"sign": "你好"}, {"when": old}, {"when": "soon"}):
        assert report(said, **odd).status_code == 403
    assert report("nonsense").status_code == 403
    assert state_of(unknown)[0] == State.UNKNOWN


def test_reports_about_nobody_are_taken_and_change_nothing(unknown):
    for reference in ("", "x", "1-2-3", f"{10**30}-1-a", unknown.reference + "0", "9" * 300):
        assert report({"reference": reference, "outcome": "failed"}).status_code == 200
    assert state_of(unknown)[0] == State.UNKNOWN


def test_where_there_is_no_gateway_there_is_no_door(db, settings, client):
    assert settings.SMS_GATEWAY == ""
    assert client.post("/sms/reports/").status_code == 404


# --- a person in the admin ------------------------------------------------------------------


def act(client, action, *rows):
    chosen = {"action": action, "_selected_action": [row.pk for row in rows]}
    return client.post(LIST, chosen, follow=True).content.decode()


@pytest.mark.parametrize(
    ("action", "state"), [("has_arrived", State.DELIVERED), ("has_not_arrived", State.FAILED)]
)
def test_a_person_settles_what_nobody_knew_of(unknown, town, visit, action, state):
    client = visit(town.admin)
    assert "不知道发没发到" in client.get(LIST).content.decode()
    assert "1 条" in act(client, action, unknown)
    assert state_of(unknown)[0] == state
    assert "已经有结果了" in act(client, action, unknown)


def test_a_person_sends_again_knowing_that_it_may_arrive_twice(unknown, town, visit, relay):
    assert "1 条又排上了" in act(visit(town.admin), "send_again", unknown)
    assert "已经有结果了" in act(visit(town.admin), "send_again", unknown)
    pass_time(minutes=2)
    work()
    assert state_of(unknown)[0] == State.SENT
    assert len(relay.taken) == 2


def test_what_is_too_old_can_be_sent_again_for_a_week(db, relay, town, visit):
    relay.mood = "down"
    delivery = send(tell())
    age = channels.SmsChannel.too_old + timedelta(seconds=1)
    pass_time(seconds=age.total_seconds())
    work()
    assert state_of(delivery) == (State.FAILED, "too old", GUEST)
    relay.mood = "take"
    act(visit(town.admin), "send_again", delivery)
    work()
    assert state_of(delivery)[0] == State.SENT


def test_after_a_week_a_guests_number_is_gone(unknown, town, visit):
    pass_time(days=6)
    deliveries.purge()
    assert state_of(unknown)[2] == GUEST
    pass_time(days=1, minutes=1)
    deliveries.purge()
    assert state_of(unknown)[2] == ""
    assert "号码已经删了" in act(visit(town.admin), "send_again", unknown)
    assert state_of(unknown)[0] == State.UNKNOWN


def test_administrators_hear_once_a_day_of_what_waits_for_them(unknown, town, settings):
    assert unsettled.remind() == 0  # a report may still come
    pass_time(hours=2)
    assert (unsettled.remind(), unsettled.remind()) == (1, 0)
    told = town.admin.notices.get()
    assert "有 1 条短信不知道发没发到" in told.body
    assert "上限" not in told.body
    assert told.url == f"{LIST}?state__exact=unknown"
    settings.SMS_MONTH_MAX = 1
    town.admin.notices.all().delete()
    assert unsettled.remind() == 1
    assert "这个月已经发了 1 条，上限 1 条" in town.admin.notices.get().body


def test_only_administrators_see_what_left(unknown, town, visit):
    for user in (town.staff, town.rider):
        assert visit(user).get(LIST).status_code in (302, 403)
        visit(user).post(LIST, {"action": "send_again", "_selected_action": [unknown.pk]})
    assert state_of(unknown)[0] == State.UNKNOWN


def test_a_notice_says_its_title_by_sms(town, relay):
    [notice] = notices.send(
        [town.rider], "workers.confirmed", key="x", context={"worker": town.rider.worker}, sms=True
    )
    send(notice.deliveries.get())
    assert relay.taken[0]["variables"] == {"title": "你的登记确认好了"}
