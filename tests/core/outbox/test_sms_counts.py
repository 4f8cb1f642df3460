"""How many SMS may leave: to a number in a day, to all in a month, and codes before notices."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from tests.threads import at_once
from yuanhang.core.outbox import codes, deliveries, parties, sms, sms_counts
from yuanhang.core.outbox.models import Delivery, Notice, SmsCount

PHONE, OTHER = "10000019999", "10000018888"
State = Delivery.State


@pytest.fixture(autouse=True)
def outbox(settings):
    """SMS is on; what was sent, in order."""
    settings.SMS_GATEWAY = "yuanhang.core.outbox.sms.MemoryGateway"
    sms.MemoryGateway.outbox.clear()
    yield sms.MemoryGateway.outbox
    sms.MemoryGateway.outbox.clear()


class DownGateway(sms.Gateway):
    """Takes nothing."""

    def send(self, message):
        raise sms.GatewayError("down")


class MuteGateway(sms.Gateway):
    """May have taken it."""

    def send(self, message):
        raise TimeoutError


def send(key, phone=PHONE):
    notice = Notice.objects.create(key=key, kind="core.test", title="题")
    delivery = deliveries.put("sms", notice=notice, address=phone)
    deliveries.deliver(delivery.pk)
    delivery.refresh_from_db()
    return delivery


def test_a_number_whose_day_is_full_waits_for_the_morning(db, settings, outbox):
    settings.SMS_NUMBER_DAY_MAX = 2
    rows = [send(str(n)) for n in range(3)]
    assert [row.state for row in rows] == [State.SENT, State.SENT, State.PENDING]
    assert (rows[2].attempts, rows[2].error) == (0, "too many")
    morning = timezone.localtime(rows[2].due_at)
    assert (morning.hour, morning.date()) == (8, timezone.localdate() + timedelta(days=1))
    assert send("other", OTHER).state == State.SENT
    assert len(outbox) == 3
    # The morning comes before the message is too old.
    too_old = rows[2].asked_at + deliveries.channel_of("sms").too_old
    assert rows[2].due_at < too_old


def test_a_full_month_keeps_its_last_tenth_for_codes(db, settings, outbox):
    settings.SMS_MONTH_MAX = 10
    states = [send(str(n), f"1000001{n:04}").state for n in range(10)]
    assert states == [State.SENT] * 9 + [State.PENDING]
    assert codes.send(OTHER, "1234")
    with pytest.raises(codes.TooManyError):
        codes.send(PHONE, "1234")
    assert len(outbox) == 10
    # What was refused was not counted.
    assert sms_counts.month_count(timezone.localdate()) == 10


def test_what_did_not_leave_is_not_counted_and_what_may_have_is(db, settings):
    settings.SMS_GATEWAY = f"{__name__}.DownGateway"
    assert send("down").state == State.PENDING
    with pytest.raises(codes.NotSentError):
        codes.send(OTHER, "1234")
    assert set(SmsCount.objects.values_list("count", flat=True)) == {0}
    parties.wake("sms")
    settings.SMS_GATEWAY = f"{__name__}.MuteGateway"
    assert send("mute").state == State.UNKNOWN
    assert sms_counts.month_count(timezone.localdate()) == 1


def test_counting_keeps_no_number(db):
    send("k")
    for digest in SmsCount.objects.values_list("number", flat=True):
        assert PHONE not in digest


def test_old_counts_go(db):
    send("k")
    SmsCount.objects.update(day=timezone.localdate() - timedelta(days=63))
    deliveries.purge()
    assert not SmsCount.objects.exists()


def test_twenty_at_once_are_no_more_than_the_day_allows(transactional_db, settings):
    settings.SMS_NUMBER_DAY_MAX = 7
    found = at_once(lambda: sms_counts.take(PHONE, timezone.now()), times=20)
    assert found.count(None) == 7
    assert sms_counts.month_count(timezone.localdate()) == 7
    cache.clear()


# --- codes ----------------------------------------------------------------------------------


def test_a_code_that_may_have_left_counts_as_sent(db, settings):
    settings.SMS_GATEWAY = f"{__name__}.MuteGateway"
    assert codes.send(PHONE, "1234") is False


def test_nobody_waits_in_front_of_a_page_for_a_gateway_that_was_slow(db, outbox):
    parties.rest("sms", "TimeoutError", seconds=8)
    with pytest.raises(codes.NotSentError, match="rests"):
        codes.send(PHONE, "1234")
    assert outbox == []
    parties.rest("sms", "ConnectionRefusedError", seconds=0.01)
    assert codes.send(PHONE, "1234") is True
    assert parties.rests_until("sms", timezone.now()) is None
