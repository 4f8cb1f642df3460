"""Queue work of the places: what goes into group chats."""

import logging
from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django_q.tasks import async_task

from stations.robots.models import ChatRobot, RobotMessage
from yuanhang.core.outbox import chat as client

logger = logging.getLogger(__name__)

State = RobotMessage.State
MAX_ATTEMPTS = 6
LEASE = timedelta(minutes=5)
PER_MINUTE = 20
MINUTE = timedelta(seconds=60)
# Older news would only bury what matters now, after an outage of half a day.
TOO_OLD = timedelta(hours=12)
# Long enough to answer "was the group told?", which the robot's page does.
KEPT = timedelta(days=30)


def _claim(message_id):
    """Take the message for this process alone; None when it is not ours to send, or not now."""
    with transaction.atomic():
        # The lock keeps two processes from both finding room for the last message of a minute.
        # "No key": new messages refer to the robot, and need not wait for it.
        found = ChatRobot.objects.select_for_update(no_key=True)
        robot = found.filter(pk__in=RobotMessage.objects.filter(pk=message_id).values("robot"))
        robot = robot.first()
        if robot is None:
            return None
        now = timezone.now()  # after the wait for the lock
        free = RobotMessage.objects.free(now).filter(pk=message_id)
        if free.filter(created_at__lt=now - TOO_OLD).update(state=State.FAILED, error="too old"):
            return None
        if not robot.is_active:
            free.update(state=State.FAILED, error="switched off")
            return None
        spent = robot.messages.spent(now, MINUTE)
        if spent.count() >= PER_MINUTE:
            # Not an attempt: nothing went wrong. There is room when the oldest leaves the minute.
            first = spent.filter(sent_at__isnull=False).order_by("sent_at").first()
            due_at = (first.sent_at if first else now) + MINUTE
            free.update(state=State.PENDING, due_at=due_at)
            return None
        claimed = free.update(state=State.SENDING, attempts=F("attempts") + 1, due_at=now + LEASE)
        if not claimed:
            return None
    return RobotMessage.objects.select_related("robot").get(pk=message_id)


def send_robot_message(message_id):
    """Send one message, once. A busy robot is asked again later and later, a refusal is final."""
    message = _claim(message_id)
    if message is None:
        return
    if message.attempts > MAX_ATTEMPTS:
        # Every try so far ended its process before it could count itself as failed.
        _end(message, State.FAILED, "the process ended each time")
        return
    try:
        client.post_text(message.robot.url, message.text)
    except client.ChatRefusedError as error:
        _end(message, State.FAILED, error)
    except client.ChatBusyError as error:
        if message.attempts >= MAX_ATTEMPTS:
            _end(message, State.FAILED, error)
        else:
            # In 1, 2, 4, 8, 16 minutes; the sweep picks it up.
            wait = timedelta(minutes=2 ** (message.attempts - 1))
            _end(message, State.PENDING, error, due_at=timezone.now() + wait)
    else:
        _end(message, State.SENT, "", sent_at=timezone.now())


def _end(message, state, error, **fields):
    """Write down how a try ended, unless the lease is over and another process has it."""
    # The client's errors show no more of the address than may be seen.
    error = str(error)
    if state == State.FAILED:
        logger.warning("Robot message %s is given up: %s", message.pk, error)
    RobotMessage.objects.filter(
        pk=message.pk, state=State.SENDING, attempts=message.attempts
    ).update(state=state, error=error[:200], **fields)


def sweep_robot_messages():
    """Queue again what is due and was not sent; what waited too long is given up, unsent."""
    now = timezone.now()
    free = RobotMessage.objects.free(now)
    free.filter(created_at__lt=now - TOO_OLD).update(state=State.FAILED, error="too old")
    for pk in free.order_by("due_at").values_list("pk", flat=True)[:200]:
        async_task("stations.robots.tasks.send_robot_message", pk)


def purge_robot_messages():
    """Delete what was sent or given up more than 30 days ago; returns how many.

    So the table holds a month, and reading it once a day needs no index of its own.
    """
    ended = RobotMessage.objects.filter(state__in=[State.SENT, State.FAILED])
    return ended.filter(created_at__lt=timezone.now() - KEPT).delete()[0]
