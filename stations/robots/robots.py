"""Group robots: entered, changed, removed, and what is told through them.

A message is stored in the caller's transaction and leaves through the outbox after the commit.
Without a robot for the place nothing is stored and nothing queued.
"""

import uuid
from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext as _

from stations.areas.models import Community, Grid
from stations.robots.models import CHANNEL, ChatRobot
from yuanhang.core import audit
from yuanhang.core.erasures import erasures
from yuanhang.core.kept_answers import kept
from yuanhang.core.models import User
from yuanhang.core.outbox import deliveries
from yuanhang.core.outbox.models import Delivery


def announce(
    grid: Grid | None, community: Community | None, *, key: str, text: str
) -> list[Delivery]:
    """Tell the groups of a grid and of its community; each of the two may be None.

    The text goes to phones that nobody here controls: the caller must put NO NAMES AND NO PHONE
    NUMBERS into it, nor anything a reporter wrote; say what kind of thing waits where, and give
    a link that asks for the log-in. It is cut after 2048 bytes.
    `key` makes it unique per robot, so a repeated call stores nothing new.
    Returns the messages that are new.
    """
    return announce_to(of_place(grid, community), key=key, text=text)


def of_place(grid: Grid | None, community: Community | None) -> tuple[int, ...]:
    """The keys of the robots whom `announce` would tell."""
    if community is None:
        return _of_place(grid and grid.pk, grid and grid.community_id)
    return _of_place(grid and grid.pk, community.pk)


@kept("stations_chatrobot")
def _of_place(grid: int | None, community: int | None) -> tuple[int, ...]:
    return tuple(ChatRobot.objects.for_keys(grid, community).values_list("pk", flat=True))


def announce_to(robots: Iterable[int], *, key: str, text: str) -> list[Delivery]:
    """Tell these groups, with the care that `announce` asks for."""
    messages = [_put(robot, key, text) for robot in robots]
    return [message for message in messages if message is not None]


def send_test(robot: ChatRobot, *, by: User) -> Delivery | None:
    """Queue a message that shows the group works; returns it."""
    audit.record("stations.test_robot", robot, by=by)
    text = _("这是一条测试消息。看到它，说明群机器人接通了。")
    return _put(robot.pk, f"test:{uuid.uuid4()}", text)


def _put(robot: int, key: str, text: str) -> Delivery | None:
    return deliveries.put(CHANNEL, target=str(robot), key=key, text=text)


def create(robot: ChatRobot, *, by: User) -> ChatRobot:
    """Enter a robot that is not stored yet."""
    return _store(robot, "create_chatrobot", by)


def edit(robot: ChatRobot, *, by: User) -> ChatRobot:
    """Store a changed robot."""
    return _store(robot, "edit_chatrobot", by)


@transaction.atomic
def remove(robot: ChatRobot, *, by: User) -> None:
    """Delete a robot; its messages go with it."""
    audit.record("stations.remove_chatrobot", robot, by=by)
    erasures.delete(robot.messages)
    erasures.delete(robot)


@transaction.atomic
def _store(robot: ChatRobot, verb: str, by: User) -> ChatRobot:
    """Which chat hears of a place changed: that is kept, the address only masked."""
    robot.save()
    values = {"place": str(robot.place), "url": robot.masked_url, "active": robot.is_active}
    audit.record(f"stations.{verb}", robot, by=by, changes=values)
    return robot
