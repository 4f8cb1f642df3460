"""Group chats: who hears of which place, once, not too fast, not too late; and the key stays in.

The robot is `tests.stations.robots.robot_server`, over real HTTPS.
"""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django_q.models import OrmQ

from stations.robots import robots
from stations.robots.models import ChatRobot
from tests.stations.robots.robot_server import KEY, OTHER_KEY
from tests.stations.robots.robots_help import State, announce, queued, tasks_of, work
from yuanhang.core.outbox import deliveries
from yuanhang.core.outbox.models import Delivery, Party

REAL = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key="
LIST = "/admin/stations/chatrobot/"


def robot_of(message):
    return ChatRobot.objects.get(pk=message.target)


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
def test_a_busy_robot_is_asked_later_and_later_and_given_up_only_when_it_is_too_old(
    town, group, server, mood, words
):
    server.mood = mood
    [message] = announce(town)
    waits = []
    for attempt in range(1, 8):
        started = timezone.now()
        deliveries.deliver(message.pk)
        message.refresh_from_db()
        assert (message.state, message.attempts) == (State.PENDING, attempt)
        assert message.error == f"…/send?key=***abcd: {words}"
        waits.append(round((message.due_at - started).total_seconds() / 60))
        deliveries.deliver(message.pk)  # too early: nothing happens
        assert len(server.requests) == attempt
        Delivery.objects.update(due_at=timezone.now())
        Party.objects.update(rests_until=timezone.now())
    assert waits == [1, 2, 4, 8, 15, 15, 15]
    Delivery.objects.update(asked_at=timezone.now() - timedelta(hours=24, seconds=1))
    server.mood = "robot"
    deliveries.deliver(message.pk)
    message.refresh_from_db()
    assert (message.state, message.error) == (State.FAILED, "too old")
    assert server.texts == []
