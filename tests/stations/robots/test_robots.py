"""Group chats: who hears of which place, once, not too fast, not too late; and the key stays in.

The robot is `tests.stations.robots.robot_server`, over real HTTPS.
"""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django_q.models import OrmQ, Schedule

from stations.robots import chat_channel, robots
from stations.robots.models import ChatRobot
from tests.stations.robots.robot_server import KEY, OTHER_KEY
from yuanhang.core.outbox import chat as client
from yuanhang.core.outbox import deliveries
from yuanhang.core.outbox.models import Delivery

State = Delivery.State
REAL = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key="
LIST = "/admin/stations/chatrobot/"


def announce(town, *, key="k", text="有 1 件新上报", grid="six"):
    return robots.announce(getattr(town, grid), town.community, key=key, text=text)


def queued():
    return [(task.func(), task.task["args"]) for task in OrmQ.objects.order_by("pk")]


def tasks_of(*messages):
    return [("yuanhang.core.outbox.tasks.deliver", (message.pk,)) for message in messages]


def message_to(robot, **fields):
    """A message on its way, as far as the fields say."""
    return Delivery.objects.create(channel="chat", target=str(robot.pk), **fields)


def robot_of(message):
    return ChatRobot.objects.get(pk=message.target)


def work():
    """What a queue worker does with what is queued."""
    for _function, arguments in queued():
        deliveries.deliver(*arguments)
    OrmQ.objects.all().delete()


def pass_time(server, **duration):
    """Everything that happened becomes older; also for the robot."""
    step = timedelta(**duration)
    server.skip(step.total_seconds())
    times = {name: F(name) - step for name in ("created_at", "due_at", "sent_at")}
    Delivery.objects.update(**times)


# --- which groups ---------------------------------------------------------------------------


@pytest.fixture
def groups(town):
    """A group for every place there is, and one that is switched off."""
    places = {
        "six": {"grid": town.six},
        "one": {"grid": town.one},
        "far": {"grid": town.far},
        "home": {"community": town.community},
        "other": {"community": town.other},
        "off": {"grid": town.six, "is_active": False},
        "also six": {"grid": town.six},
    }
    for number, (name, place) in enumerate(places.items()):
        ChatRobot.objects.create(name=name, url=f"{REAL}{number}-{KEY}", **place)


@pytest.mark.parametrize(
    ("grid", "community", "names"),
    [
        ("six", "community", {"six", "also six", "home"}),
        ("six", None, {"six", "also six", "home"}),
        ("one", "community", {"one", "home"}),
        ("far", "other", {"far", "other"}),
        (None, "community", {"home"}),
        (None, None, set()),
    ],
)
def test_a_place_has_its_grids_and_its_communitys_groups(town, groups, grid, community, names):
    grid, community = getattr(town, grid or "", None), getattr(town, community or "", None)
    assert {found.name for found in ChatRobot.objects.for_place(grid, community)} == names
    told = robots.announce(grid, community, key="k", text="你好")
    assert {robot_of(message).name for message in told} == names
    assert queued() == tasks_of(*told)


def test_a_group_is_of_one_grid_or_of_one_community(town):
    for place in ({}, {"grid": town.six, "community": town.community}):
        robot = ChatRobot(name="群", url=REAL + KEY, **place)
        with pytest.raises(ValidationError, match="只选一个"):
            robot.full_clean()
        with pytest.raises(IntegrityError, match="robot_has_one_place"), transaction.atomic():
            robot.save()


def test_an_address_is_entered_once_however_it_is_spelt(town):
    ChatRobot.objects.create(grid=town.six, name="群", url=REAL + KEY)
    again = ChatRobot(grid=town.one, name="又", url=(REAL + KEY).replace(".com/", ".com:443/"))
    with pytest.raises(ValidationError, match="已经登记过了"):
        again.full_clean()


@pytest.mark.parametrize("url", ["", "http://example.com", REAL.replace("https", "http") + KEY])
def test_an_address_elsewhere_is_no_robot(town, url):
    robot = ChatRobot(grid=town.six, name="群", url=url)
    with pytest.raises(ValidationError) as caught:
        robot.full_clean()
    assert set(caught.value.message_dict) == {"url"}


def test_the_databases_refusal_does_not_show_the_key(town):
    """PostgreSQL repeats the row it refuses; ours does not."""
    ChatRobot.objects.create(grid=town.six, name="群", url=REAL + KEY)
    for wrong in ({"grid": town.one}, {"url": REAL + OTHER_KEY}):
        fields = {"name": "又", "url": REAL + KEY} | wrong
        with pytest.raises(IntegrityError) as caught, transaction.atomic():
            ChatRobot(**fields).save()
        assert "key=***" in str(caught.value)
        assert "secret" not in str(caught.value)
        assert caught.value.__suppress_context__


def test_a_robot_shows_the_end_of_its_key(town):
    robot = ChatRobot(grid=town.six, name="群", url=REAL + KEY)
    assert robot.masked_url == "…/send?key=***abcd"
    assert (str(robot), robot.place) == ("群", town.six)
    assert KEY not in repr(robot)


# --- telling --------------------------------------------------------------------------------


def test_without_a_robot_nothing_is_stored_and_nothing_queued(town, server):
    assert announce(town) == []
    assert (Delivery.objects.count(), OrmQ.objects.count()) == (0, 0)


def test_the_same_key_is_told_once_per_group(town, group):
    [message] = announce(town)
    assert announce(town, text="另一句") == []
    assert queued() == tasks_of(message)
    ChatRobot.objects.create(community=town.community, name="社区群", url=group.url[:-4] + "0000")
    assert [robot_of(other).name for other in announce(town)] == ["社区群"]
    assert len(announce(town, key="k2")) == 2


def test_a_rollback_leaves_no_message_and_no_task(town, group, server):
    def fail_after_telling():
        with transaction.atomic():
            announce(town)
            assert (Delivery.objects.count(), OrmQ.objects.count()) == (1, 1)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_after_telling()
    assert (Delivery.objects.count(), OrmQ.objects.count()) == (0, 0)
    assert server.requests == []


def test_the_queue_carries_a_number_and_no_secret(town, group):
    announce(town)
    task = OrmQ.objects.get()
    assert KEY not in task.payload
    assert KEY not in str(task.task)


def test_a_message_arrives_and_is_not_sent_again(town, group, server):
    [message] = announce(town, text="第六网格有 1 件新上报")
    assert server.requests == []
    work()
    assert server.messages == [(KEY, "第六网格有 1 件新上报")]
    message.refresh_from_db()
    assert (message.state, message.attempts, message.error) == (State.SENT, 1, "")
    assert message.sent_at is not None
    deliveries.deliver(message.pk)
    deliveries.deliver(message.pk + 1000)
    assert len(server.requests) == 1


def test_sent_and_its_time_belong_together(town, group):
    [message] = announce(town)
    for fields in ({"state": State.SENT}, {"sent_at": timezone.now()}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Delivery.objects.filter(pk=message.pk).update(**fields)


# --- trouble --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mood", "words"), [("broken", "HTTP 500"), ("close", "RemoteDisconnected")]
)
def test_a_busy_robot_is_asked_later_and_later_and_given_up_in_the_end(
    town, group, server, mood, words
):
    server.mood = mood
    [message] = announce(town)
    waits = []
    for attempt in range(1, deliveries.ATTEMPTS_MAX):
        started = timezone.now()
        deliveries.deliver(message.pk)
        message.refresh_from_db()
        assert (message.state, message.attempts) == (State.PENDING, attempt)
        assert message.error == f"…/send?key=***abcd: {words}"
        waits.append(round((message.due_at - started).total_seconds() / 60))
        deliveries.deliver(message.pk)  # too early: nothing happens
        assert len(server.requests) == attempt
        Delivery.objects.update(due_at=timezone.now())
    assert waits == [1, 2, 4, 8, 16]
    deliveries.deliver(message.pk)
    message.refresh_from_db()
    assert (message.state, message.attempts) == (State.FAILED, deliveries.ATTEMPTS_MAX)
    server.mood = "robot"
    Delivery.objects.update(due_at=timezone.now())
    deliveries.deliver(message.pk)
    assert server.texts == []


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
    Delivery.objects.update(state=State.SENDING, attempts=deliveries.ATTEMPTS_MAX)
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
            sent = made if state == State.SENT else None
            message_to(
                group, key=f"{state} {age}", text="…", state=state, created_at=made, sent_at=sent
            )
    assert deliveries.purge() == 2
    kept = set(Delivery.objects.values_list("key", flat=True))
    assert kept == {
        "sent young",
        "failed young",
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
    pass_time(server, hours=12, seconds=1)
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
    pass_time(server, hours=12, seconds=1)
    deliveries.sweep()
    assert queued() == []
    assert Delivery.objects.get().error == "too old"


def test_an_outage_of_less_than_half_a_day_loses_nothing(town, group, server):
    announce(town)
    OrmQ.objects.all().delete()
    pass_time(server, hours=11, minutes=59)
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
