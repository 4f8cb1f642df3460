"""Group chats in trouble: busy, refused, too old, too many."""

from datetime import timedelta

from django.db.models import F
from django.utils import timezone
from django_q.models import OrmQ, Schedule

from stations.robots import chat_channel
from stations.robots.models import ChatRobot
from tests.stations.robots.robot_server import OTHER_KEY
from tests.stations.robots.robots_help import State, announce, queued, tasks_of, work
from yuanhang.core.outbox import chat as client
from yuanhang.core.outbox import deliveries
from yuanhang.core.outbox.models import Delivery, Party


def message_to(robot, **fields):
    """A message on its way, as far as the fields say."""
    return Delivery.objects.create(channel="chat", target=str(robot.pk), **fields)


def pass_time(server, **duration):
    """Everything that happened becomes older; also for the robot."""
    step = timedelta(**duration)
    server.skip(step.total_seconds())
    times = {name: F(name) - step for name in ("created_at", "asked_at", "due_at", "sent_at")}
    Delivery.objects.update(**times)
    Party.objects.update(rests_until=F("rests_until") - step)


def test_a_success_after_failures_is_a_success(town, group, server):
    server.mood = "broken"
    [message] = announce(town)
    work()
    server.mood = "robot"
    pass_time(server, minutes=1)
    deliveries.sweep()
    work()
    message.refresh_from_db()
    assert (message.state, message.attempts, message.error) == (State.SENT, 2, "")
    assert len(server.texts) == 1


def test_a_refusal_is_final(town, group, server):
    server.keys.clear()
    [message] = announce(town)
    work()
    message.refresh_from_db()
    assert (message.state, message.attempts) == (State.FAILED, 1)
    assert message.error == "…/send?key=***abcd: errcode 93000"
    pass_time(server, hours=1)
    deliveries.sweep()
    assert queued() == []


def test_an_address_that_the_settings_no_longer_allow_is_refused(town, group, server, settings):
    settings.ROBOT_HOST = "elsewhere.example"
    [message] = announce(town)
    work()
    message.refresh_from_db()
    assert (message.state, server.requests) == (State.FAILED, [])


def test_a_group_that_was_switched_off_meanwhile_hears_nothing(town, group, server):
    [message] = announce(town)
    ChatRobot.objects.update(is_active=False)
    work()
    message.refresh_from_db()
    assert (message.state, message.error) == (State.FAILED, "switched off")
    assert server.requests == []


def test_a_message_that_keeps_killing_its_process_is_given_up(town, group, server):
    [message] = announce(town)
    deaths = deliveries.DEATHS_MAX - 1
    Delivery.objects.update(state=State.SENDING, deaths=deaths, due_at=timezone.now())
    work()
    message.refresh_from_db()
    assert (message.state, server.requests) == (State.FAILED, [])


def test_what_another_process_is_sending_is_left_alone_until_its_lease_ends(town, group, server):
    [message] = announce(town)
    Delivery.objects.update(state=State.SENDING, due_at=timezone.now() + deliveries.LEASE)
    work()
    assert server.requests == []
    pass_time(server, minutes=6)
    deliveries.sweep()
    work()
    assert len(server.texts) == 1


def test_a_process_that_comes_back_too_late_changes_nothing(town, group, server, monkeypatch):
    """Its lease ran out, another one took the message: the other's word counts."""
    [message] = announce(town)

    def slow(url, text):
        Delivery.objects.update(attempts=2, due_at=timezone.now() + deliveries.LEASE)
        raise client.ChatBusyError("late")

    monkeypatch.setattr(client, "post_text", slow)
    work()
    message.refresh_from_db()
    assert (message.state, message.attempts, message.error) == (State.SENDING, 2, "")


def test_the_sweep_queues_again_what_is_due_and_nothing_else(town, group):
    now, later = timezone.now(), timezone.now() + timedelta(minutes=3)
    rows = {
        "due": (State.PENDING, now - timedelta(minutes=1)),
        "killed": (State.SENDING, now - timedelta(minutes=2)),
        "waiting": (State.PENDING, later),
        "in the making": (State.SENDING, later),
        "given up": (State.FAILED, now - timedelta(minutes=1)),
        "sent": (State.SENT, now - timedelta(minutes=1)),
    }
    made = {
        key: message_to(
            group,
            key=key,
            text=key,
            state=state,
            due_at=due,
            sent_at=now if key == "sent" else None,
        )
        for key, (state, due) in rows.items()
    }
    deliveries.sweep()
    assert queued() == tasks_of(made["killed"], made["due"])


def test_the_sweep_comes_every_minute(db):
    job = Schedule.objects.get(name="yuanhang.sweep_deliveries")
    assert (job.func, job.schedule_type, job.minutes, job.repeats) == (
        "yuanhang.core.outbox.tasks.sweep_deliveries",
        "I",
        1,
        -1,
    )


def test_what_ended_is_kept_for_a_month_and_then_forgotten(town, group, server):
    now = timezone.now()
    month, younger = now - timedelta(days=30, minutes=1), now - timedelta(days=29, hours=23)
    for state in State.values:
        for age, made in (("old", month), ("young", younger)):
            sent = made if state in (State.SENT, State.DELIVERED) else None
            message_to(
                group, key=f"{state} {age}", text="…", state=state, created_at=made, sent_at=sent
            )
    assert deliveries.purge() == 4
    kept = set(Delivery.objects.values_list("key", flat=True))
    assert kept == {
        *(f"{state} young" for state in ("sent", "delivered", "unknown", "failed")),
        *(f"{state} {age}" for state in ("pending", "sending") for age in ("old", "young")),
    }
    assert ChatRobot.objects.get() == group


def test_the_purge_comes_every_day(db):
    job = Schedule.objects.get(name="yuanhang.purge_deliveries")
    assert (job.func, job.schedule_type, job.minutes, job.repeats) == (
        "yuanhang.core.outbox.tasks.purge_deliveries",
        "I",
        24 * 60,
        -1,
    )


def test_after_a_long_outage_old_news_is_not_sent(town, group, server):
    [stale, killed] = announce(town, key="stale") + announce(town, key="killed")
    Delivery.objects.filter(pk=killed.pk).update(state=State.SENDING, attempts=1)
    pass_time(server, hours=24, seconds=1)
    [fresh] = announce(town, key="fresh")
    pass_time(server, minutes=1)
    work()  # the queue itself kept all three
    assert server.texts == [fresh.text]
    for message in (stale, killed):
        message.refresh_from_db()
        assert (message.state, message.error) == (State.FAILED, "too old")


def test_the_sweep_gives_up_old_news_too(town, group, server):
    announce(town)
    OrmQ.objects.all().delete()
    pass_time(server, hours=24, seconds=1)
    deliveries.sweep()
    assert queued() == []
    assert Delivery.objects.get().error == "too old"


def test_an_outage_of_less_than_a_day_loses_nothing(town, group, server):
    announce(town)
    OrmQ.objects.all().delete()
    pass_time(server, hours=23, minutes=59)
    deliveries.sweep()
    work()
    assert len(server.texts) == 1


# --- twenty a minute ------------------------------------------------------------------------


def count_states():
    states = list(Delivery.objects.values_list("state", flat=True))
    return {state: states.count(state) for state in set(states)}


def test_of_twenty_five_messages_twenty_arrive_in_the_first_minute_and_the_rest_later(
    town, group, server
):
    for number in range(25):
        announce(town, key=str(number), text=f"{number}")
    work()
    assert server.texts == [f"{number}" for number in range(20)]
    assert len(server.requests) == 20  # the robot was not even asked for more
    waiting = Delivery.objects.filter(state=State.PENDING)
    assert set(waiting.values_list("attempts", "error")) == {(0, "")}
    assert all(0 < (m.due_at - timezone.now()).total_seconds() <= 60 for m in waiting)
    pass_time(server, seconds=30)
    deliveries.sweep()
    work()
    assert len(server.texts) == 20
    pass_time(server, seconds=31)
    deliveries.sweep()
    work()
    assert sorted(server.texts, key=int) == [f"{number}" for number in range(25)]
    assert count_states() == {State.SENT: 25}


def test_without_our_limit_the_robots_own_would_cost_attempts(town, group, server, monkeypatch):
    """The control: the server counts for itself."""
    monkeypatch.setattr(chat_channel, "PER_MINUTE", 1000)
    for number in range(25):
        announce(town, key=str(number))
    work()
    assert (len(server.texts), len(server.requests)) == (20, 25)
    assert Delivery.objects.filter(attempts=1, error__contains="45009").count() == 5


def test_one_groups_crowd_does_not_hold_up_another(town, group, server):
    ChatRobot.objects.create(grid=town.one, name="一网格群", url=server.url(OTHER_KEY))
    for number in range(25):
        announce(town, key=str(number))
    announce(town, grid="one", text="一网格")
    work()
    assert (OTHER_KEY, "一网格") in server.messages
