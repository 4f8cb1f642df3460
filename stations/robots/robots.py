"""Telling a group chat: stored in the caller's transaction, sent by the queue after the commit.

The queue's broker is a table of the same database, so a rolled-back change takes its messages
and its queued tasks with it. Without a robot for the place nothing is stored and nothing queued.
"""

import uuid

from django.utils.translation import gettext as _
from django_q.tasks import async_task

from stations.robots.models import ChatRobot


def announce(grid, community, *, key, text):
    """Tell the groups of a grid and of its community; each of the two may be None.

    The text goes to phones that nobody here controls: the caller must put NO NAMES AND NO PHONE
    NUMBERS into it, nor anything a reporter wrote; say what kind of thing waits where, and give
    a link that asks for the log-in. It is cut after 2048 bytes.
    `key` makes it unique per robot, so a repeated call stores nothing new.
    Returns the messages that are new.
    """
    made = [_put(robot, key[:120], text) for robot in ChatRobot.objects.for_place(grid, community)]
    return [message for message in made if message is not None]


def send_test(robot):
    """Queue a message that shows the group works; returns it."""
    return _put(robot, f"test:{uuid.uuid4()}", _("这是一条测试消息。看到它，说明群机器人接通了。"))


def _put(robot, key, text):
    """Store one message and queue it; None when the robot has it already."""
    message, is_new = robot.messages.get_or_create(key=key, defaults={"text": text})
    if not is_new:
        return None
    async_task("stations.robots.tasks.send_robot_message", message.pk)
    return message
