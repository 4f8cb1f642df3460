"""What a clock that was set back has put off by hours comes by the new time."""

from datetime import timedelta

from django.utils import timezone
from django_q.models import OrmQ, Schedule

from yuanhang.core import jobs
from yuanhang.core.outbox import deliveries
from yuanhang.core.outbox.models import Delivery, Party

HOURS = timedelta(hours=2)


def test_schedules_keep_their_minute_and_calls_are_free_again(db):
    now = timezone.now()
    for row in Schedule.objects.all():
        seconds = min(row.minutes * 60 - 20, 23 * 3600)
        Schedule.objects.filter(pk=row.pk).update(next_run=now + timedelta(seconds=seconds))
    right = dict(Schedule.objects.values_list("pk", "next_run"))
    assert jobs.bring_near(now) == 0
    each_minute = Schedule.objects.get(name="yuanhang.sweep_deliveries")
    each_day = Schedule.objects.get(name="yuanhang.erase_nightly")
    for row in (each_minute, each_day):
        Schedule.objects.filter(pk=row.pk).update(next_run=row.next_run + HOURS)
    taken = OrmQ.objects.create(key=jobs.LONG, payload="x", lock=now + timedelta(seconds=1200))
    ahead = OrmQ.objects.create(key=jobs.CLOCK, payload="x", lock=now + HOURS)
    assert jobs.bring_near(now) == 3
    each_minute.refresh_from_db()
    each_day.refresh_from_db()
    assert each_minute.next_run == right[each_minute.pk]
    # Whole days only: what comes at three in the morning stays there.
    assert each_day.next_run == right[each_day.pk] + HOURS - timedelta(days=1)
    ahead.refresh_from_db()
    taken.refresh_from_db()
    assert (ahead.lock - now, taken.lock - now) == (
        timedelta(seconds=240),
        timedelta(seconds=1200),
    )


def test_messages_leave_by_the_new_time(db):
    now = timezone.now()
    fields = {"channel": "chat", "target": "1", "text": "x"}
    new = Delivery.objects.create(key="new", **fields)
    Delivery.objects.filter(pk=new.pk).update(asked_at=now + HOURS, due_at=now + HOURS)
    tried = Delivery.objects.create(key="tried", tried_at=now + HOURS, **fields)
    pause = timedelta(minutes=4)
    Delivery.objects.filter(pk=tried.pk).update(due_at=now + HOURS + pause)
    fine = Delivery.objects.create(key="fine", due_at=now + HOURS, **fields)  # a day is full
    party = Party.objects.create(key="chat x", failures=1, rests_until=now + HOURS)
    deliveries.sweep()
    new.refresh_from_db()
    tried.refresh_from_db()
    fine.refresh_from_db()
    party.refresh_from_db()
    assert new.due_at <= timezone.now()
    assert tried.due_at - tried.tried_at == pause
    assert tried.tried_at <= timezone.now()
    assert fine.due_at == now + HOURS
    assert party.rests_until <= timezone.now() + timedelta(minutes=15)


def test_what_was_sent_later_does_not_fill_the_minute(db):
    now = timezone.now()
    minute = timedelta(minutes=1)
    for seconds in (-30, 7200):
        Delivery.objects.create(
            channel="chat",
            target="1",
            key=str(seconds),
            text="x",
            state="sent",
            sent_at=now + timedelta(seconds=seconds),
        )
    assert [row.key for row in Delivery.objects.spent(now, minute)] == ["-30"]
