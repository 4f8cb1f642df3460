"""Notices and their way out: stored with the change they tell about, sent once, given up in time.

The template of a registration's confirmation stands for all of them.
"""

import threading
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django_q.models import OrmQ

from tests.factories.workers import UserFactory
from tests.threads import at_once
from yuanhang.core.outbox import channels, deliveries, notices, sms
from yuanhang.core.outbox.models import Delivery, Notice, Party

MEMORY = "yuanhang.core.outbox.sms.MemoryGateway"
GUEST = "10000019999"


class BrokenGateway(sms.Gateway):
    """Refuses, and repeats the number as gateways do."""

    def send(self, message):
        raise sms.GatewayError(f"{message.phone} was refused: {message.text}")


class UnreachableGateway(sms.Gateway):
    """The network is down."""

    def send(self, message):
        raise ConnectionRefusedError(f"no route for {message.phone}")


class SlowGateway(sms.Gateway):
    """Takes its time, as a real one does."""

    outbox = []

    def send(self, message):
        threading.Event().wait(0.3)
        self.outbox.append(message.phone)
        return ""


@pytest.fixture
def outbox(settings):
    """SMS is on; what was sent, in order."""
    settings.SMS_GATEWAY = MEMORY
    sms.MemoryGateway.outbox.clear()
    yield sms.MemoryGateway.outbox
    sms.MemoryGateway.outbox.clear()


def tell(town, *recipients, key="k", **options):
    context = {"worker": town.rider.worker}
    return notices.send(recipients, "workers.confirmed", key=key, context=context, **options)


def rows():
    return (Notice.objects.count(), Delivery.objects.count(), OrmQ.objects.count())


def queued():
    return [(task.func(), task.task["args"]) for task in OrmQ.objects.order_by("pk")]


def make_due(delivery):
    Delivery.objects.filter(pk=delivery.pk).update(due_at=timezone.now())
    delivery.refresh_from_db()
    return delivery


# --- storing --------------------------------------------------------------------------------


def test_a_notice_is_rendered_for_each_recipient_and_lies_in_the_inbox(town):
    made = tell(town, town.rider, town.staff, None, town.rider, url="/workers/me/")
    assert {notice.recipient for notice in made} == {town.rider, town.staff}
    stored = town.rider.notices.get()
    assert (stored.kind, stored.key, stored.url) == ("workers.confirmed", "k", "/workers/me/")
    assert stored.title == "你的登记确认好了"
    assert stored.body == "远航社区欢迎你。报隐患、查进度照常用。"
    assert stored.read_at is None


def test_the_same_key_stores_nothing_new_however_often_it_is_told(town, outbox):
    assert len(tell(town, town.rider, sms=True)) == 1
    before = rows()
    assert tell(town, town.rider, sms=True) == []
    assert rows() == before == (1, 1, 1)
    assert len(tell(town, town.rider, town.stranger)) == 1
    assert len(tell(town, town.rider, key="another")) == 1


def test_a_rollback_leaves_no_notice_no_delivery_and_no_task(town, outbox):
    def fail_after_telling():
        with transaction.atomic():
            tell(town, town.rider, sms=True, guest_phone=GUEST)
            assert rows() == (2, 2, 2)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_after_telling()
    assert rows() == (0, 0, 0)
    assert outbox == []


def test_without_a_gateway_the_inbox_is_all_there_is(town, settings):
    assert settings.SMS_GATEWAY == ""
    tell(town, town.rider, sms=True, guest_phone=GUEST)
    assert rows() == (1, 0, 0)


def test_a_person_gets_an_sms_only_when_asked_for(town, outbox):
    tell(town, town.rider, town.staff, sms=lambda user: user == town.staff)
    tell(town, town.rider, key="another")
    delivery = Delivery.objects.get()
    assert (delivery.notice.recipient, delivery.channel) == (town.staff, "sms")
    assert delivery.address == ""
    assert queued() == [("yuanhang.core.outbox.tasks.deliver", (delivery.pk,))]
    assert outbox == []


# --- sending --------------------------------------------------------------------------------


def test_an_sms_is_a_template_with_the_title_and_has_no_link(town, outbox, settings):
    settings.SITE_URL = "https://yuanhang.example"
    tell(town, town.rider, sms=True, url="/workers/me/")
    delivery = Delivery.objects.get()
    deliveries.deliver(delivery.pk)
    assert outbox == [(town.rider.phone, "你的登记确认好了。登录庆小驿网站看详情。")]
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == (Delivery.State.SENT, 1)
    assert delivery.sent_at is not None


def test_a_guest_is_reached_by_sms_alone_and_the_number_is_erased_afterwards(town, outbox):
    made = tell(town, guest_phone=GUEST)
    assert [notice.recipient for notice in made] == [None]
    assert tell(town, guest_phone=GUEST) == []
    delivery = Delivery.objects.get()
    assert delivery.address == GUEST
    deliveries.deliver(delivery.pk)
    assert [phone for phone, _text in outbox] == [GUEST]
    delivery.refresh_from_db()
    assert (delivery.state, delivery.address) == (Delivery.State.SENT, "")


def test_what_was_sent_is_not_sent_again(town, outbox):
    tell(town, town.rider, sms=True)
    delivery = Delivery.objects.get()
    deliveries.deliver(delivery.pk)
    deliveries.deliver(delivery.pk)
    make_due(delivery)
    deliveries.deliver(delivery.pk)
    assert len(outbox) == 1
    deliveries.deliver(delivery.pk + 1000)


def test_what_another_process_is_sending_is_left_alone_until_its_lease_ends(town, outbox):
    tell(town, town.rider, sms=True)
    delivery = Delivery.objects.get()
    Delivery.objects.update(state=Delivery.State.SENDING, due_at=timezone.now() + deliveries.LEASE)
    deliveries.deliver(delivery.pk)
    assert outbox == []
    make_due(delivery)
    deliveries.deliver(delivery.pk)
    delivery.refresh_from_db()
    # Whoever had it may have sent it before its end.
    assert (delivery.state, delivery.error) == (Delivery.State.UNKNOWN, "the process ended")
    assert outbox == []


@pytest.mark.parametrize(
    ("gateway", "error"),
    [("BrokenGateway", "GatewayError"), ("UnreachableGateway", "ConnectionRefusedError")],
)
def test_a_failure_waits_longer_each_time_and_is_given_up_only_when_it_is_too_old(
    town, outbox, settings, gateway, error
):
    settings.SMS_GATEWAY = f"{__name__}.{gateway}"
    tell(town, guest_phone=GUEST)
    delivery = Delivery.objects.get()
    waits = []
    for attempt in range(1, 9):
        started = timezone.now()
        deliveries.deliver(delivery.pk)
        delivery.refresh_from_db()
        assert (delivery.state, delivery.attempts) == (Delivery.State.PENDING, attempt)
        assert (delivery.error, delivery.address) == (error, GUEST)
        waits.append(round((delivery.due_at - started).total_seconds() / 60))
        deliveries.deliver(delivery.pk)  # too early: nothing happens
        delivery.refresh_from_db()
        assert delivery.attempts == attempt
        make_due(delivery)
        Party.objects.update(rests_until=timezone.now())
    assert waits == [1, 2, 4, 8, 15, 15, 15, 15]
    too_old = channels.SmsChannel.too_old + timedelta(seconds=1)
    Delivery.objects.update(asked_at=timezone.now() - too_old)
    settings.SMS_GATEWAY = MEMORY
    deliveries.deliver(delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.error) == (Delivery.State.FAILED, "too old")
    assert outbox == []


def test_a_success_after_failures_is_a_success(town, outbox, settings):
    settings.SMS_GATEWAY = f"{__name__}.BrokenGateway"
    tell(town, town.rider, sms=True)
    delivery = Delivery.objects.get()
    deliveries.deliver(delivery.pk)
    settings.SMS_GATEWAY = MEMORY
    make_due(delivery)
    Party.objects.update(rests_until=timezone.now())
    deliveries.deliver(delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts, delivery.error) == (Delivery.State.SENT, 2, "")
    assert len(outbox) == 1


def test_no_phone_number_is_kept_in_an_error(town, outbox, settings):
    settings.SMS_GATEWAY = f"{__name__}.BrokenGateway"
    tell(town, town.rider, sms=True, guest_phone=GUEST)
    for delivery in Delivery.objects.all():
        deliveries.deliver(delivery.pk)
        Party.objects.update(rests_until=timezone.now())
    errors = Delivery.objects.values_list("error", flat=True)
    assert len(errors) == 2
    for text in errors:
        assert text
        assert GUEST not in text
        assert town.rider.phone not in text


def test_when_sms_is_switched_off_what_waits_is_postponed_not_lost(town, outbox, settings):
    tell(town, town.rider, sms=True)
    settings.SMS_GATEWAY = ""
    delivery = Delivery.objects.get()
    deliveries.deliver(delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.error) == (Delivery.State.PENDING, "GatewayError")


def test_an_unknown_channel_is_a_failure_and_no_crash(town, outbox):
    made = tell(town, town.rider)
    delivery = deliveries.put("pigeon", notice=made[0])
    deliveries.deliver(delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.error) == (Delivery.State.PENDING, "UnknownChannel")
    assert outbox == []


def test_the_sweep_queues_again_what_is_due_and_nothing_else(town, outbox):
    now, later = timezone.now(), timezone.now() + timedelta(minutes=3)
    rows = {
        "due": (Delivery.State.PENDING, now - timedelta(minutes=1)),
        "killed": (Delivery.State.SENDING, now - timedelta(minutes=2)),
        "waiting": (Delivery.State.PENDING, later),
        "in the making": (Delivery.State.SENDING, later),
        "given up": (Delivery.State.FAILED, now - timedelta(minutes=1)),
        "sent": (Delivery.State.SENT, now - timedelta(minutes=1)),
    }
    by_key = {}
    for key, (state, due_at) in rows.items():
        notice = tell(town, town.rider, key=key)[0]
        by_key[key] = Delivery.objects.create(
            notice=notice,
            channel="sms",
            state=state,
            due_at=due_at,
            sent_at=now if state == Delivery.State.SENT else None,
        )
    deliveries.sweep()
    assert queued() == [
        ("yuanhang.core.outbox.tasks.deliver", (by_key["killed"].pk,)),
        ("yuanhang.core.outbox.tasks.deliver", (by_key["due"].pk,)),
    ]
    assert deliveries.sweep() == 0  # what is queued is not queued again
    for _function, (pk,) in queued():
        deliveries.deliver(pk)
    assert len(outbox) == 1
    assert set(Delivery.objects.filter(state="unknown")) == {by_key["killed"]}


def test_the_console_gateway_prints_for_developers(capsys):
    sms.ConsoleGateway().send(sms.Message("10000010001", sms.CODE, {"code": "123"}))
    assert capsys.readouterr().out == "\n[SMS to 10000010001]\n验证码 123，五分钟内有效。\n"


# --- two at once ----------------------------------------------------------------------------


@pytest.fixture
def one_delivery(transactional_db, settings):
    """A committed delivery that nobody has taken yet, and a gateway that takes its time."""
    settings.SMS_GATEWAY = f"{__name__}.SlowGateway"
    SlowGateway.outbox.clear()
    told = Notice.objects.create(recipient=UserFactory(), key="k", kind="core.test", title="题")
    yield Delivery.objects.create(notice=told, channel="sms")
    SlowGateway.outbox.clear()
    cache.clear()


def test_two_workers_at_once_send_one_message(one_delivery):
    assert set(at_once(lambda: deliveries.deliver(one_delivery.pk))) == {None, "sent"}
    assert SlowGateway.outbox == [one_delivery.notice.recipient.phone]
    one_delivery.refresh_from_db()
    assert (one_delivery.state, one_delivery.attempts) == (Delivery.State.SENT, 1)


def test_a_claim_that_looks_before_it_takes_would_send_two(one_delivery, monkeypatch):
    """The control: with the claim's condition gone, the test above sees two messages."""
    both_looked = threading.Barrier(2)

    def look_then_take(delivery_id):
        found = Delivery.objects.select_related("notice__recipient").get(pk=delivery_id)
        if found.state != Delivery.State.PENDING:
            return None
        both_looked.wait(timeout=10)
        Delivery.objects.filter(pk=delivery_id).update(
            state=Delivery.State.SENDING, attempts=F("attempts") + 1
        )
        return found

    monkeypatch.setattr(deliveries, "_claim", look_then_take)
    assert at_once(lambda: deliveries.deliver(one_delivery.pk)) == ["sent", "sent"]
    assert SlowGateway.outbox == [one_delivery.notice.recipient.phone] * 2


# --- several letters at once ----------------------------------------------------------------


def letter(town, *recipients, key="k", **options):
    context = {"worker": town.rider.worker}
    return notices.Letter(recipients, "workers.confirmed", key, context=context, **options)


def test_letters_are_stored_by_one_statement_and_each_person_hears_a_key_once(
    town, outbox, django_assert_num_queries
):
    letters = [
        letter(town, town.rider, sms=True),
        letter(town, town.rider, town.staff.pk, sms=False),
        letter(town, town.stranger, key="other", sms=True),
    ]
    with django_assert_num_queries(3):  # notices, deliveries, calls
        made = notices.send_all(letters)
    told = {(notice.recipient_id, notice.key) for notice in made}
    assert told == {(town.rider.pk, "k"), (town.staff.pk, "k"), (town.stranger.pk, "other")}
    assert rows() == (3, 2, 2)
    assert {args for _task, args in queued()} == {(one.pk,) for one in Delivery.objects.all()}
    assert notices.send_all(letters) == []
    assert rows() == (3, 2, 2)


def test_what_a_new_notice_supersedes_is_read_and_nothing_else(town):
    old, elsewhere = tell(town, town.rider, key="old", url="/a/"), tell(town, town.rider, url="/b/")
    other = tell(town, town.staff, key="old", url="/a/")
    notices.send_all([letter(town, town.rider, key="new", url="/a/", supersedes=True)])
    unread = set(Notice.objects.unread().values_list("recipient", "key", "url"))
    assert unread == {
        (town.rider.pk, "new", "/a/"),
        (town.rider.pk, elsewhere[0].key, "/b/"),
        (town.staff.pk, other[0].key, "/a/"),
    }
    assert Notice.objects.get(pk=old[0].pk).read_at is not None
    # Told once more, it supersedes nothing: what came in between is newer.
    tell(town, town.rider, key="between", url="/a/")
    notices.send_all([letter(town, town.rider, key="new", url="/a/", supersedes=True)])
    assert Notice.objects.get(key="between").read_at is None


def test_a_deed_counts_what_led_to_its_page_as_read_even_where_nobody_is_told(town):
    tell(town, town.rider, key="old", url="/a/")
    tell(town, town.staff, key="old", url="/a/")
    assert notices.send_all([], seen=[(town.rider.pk, "/a/")]) == []
    assert set(Notice.objects.unread().values_list("recipient", flat=True)) == {town.staff.pk}
