"""The outbox's channel into group chats."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stations.robots.models import CHANNEL, ChatRobot
from yuanhang.core.jobs import CHAT
from yuanhang.core.outbox import chat
from yuanhang.core.outbox.channels import Admission, Channel, RefusedError, RetryLaterError
from yuanhang.core.outbox.models import Delivery

PER_MINUTE = 20  # the limit of the robots' host
MINUTE = timedelta(seconds=60)


class ChatChannel(Channel):
    """Texts to group robots; a delivery's target is the robot's primary key.

    At least once: a group that reads a line twice loses nothing.
    """

    name = CHANNEL
    words = _("群消息")
    at_least_once = True
    queue = CHAT
    # An outage of half a day loses nothing; older news would only bury what matters now.
    too_old = timedelta(hours=24)
    # Long enough to answer "was the group told?", which the robot's page does.
    kept = timedelta(days=30)

    def party(self, delivery):
        """All robots live on one host."""
        return f"{CHANNEL} {settings.ROBOT_HOST}"[:80]

    def admission(self, delivery):
        """Within the robot's limit a minute, and only while it is switched on."""
        # The lock keeps two processes from both finding room for the last message of a minute.
        # "No key": new messages refer to the robot, and need not wait for it.
        robot = ChatRobot.objects.select_for_update(no_key=True).filter(pk=delivery.target).first()
        if robot is None or not robot.is_active:
            return Admission(refusal="switched off")
        # Read only now: whoever waited for the lock must see what was sent meanwhile.
        now = timezone.now()
        spent = robot.messages.spent(now, MINUTE)
        if spent.count() < PER_MINUTE:
            return Admission()
        # There is room when the oldest leaves the minute.
        first = spent.filter(sent_at__isnull=False).order_by("sent_at").first()
        return Admission(not_before=(first.sent_at if first else now) + MINUTE)

    def send(self, delivery: Delivery) -> str:
        """To the robot's address; the client's errors show no more of it than may be seen."""
        robot = ChatRobot.objects.get(pk=delivery.target)
        try:
            chat.post_text(robot.url, delivery.text)
        except chat.ChatRefusedError as error:
            raise RefusedError(str(error)) from error
        except chat.ChatBusyError as error:
            raise RetryLaterError(str(error), party_rests=error.host_failed) from error
        return ""
