"""Group robots: which chat hears of which place, and what is on its way there."""

from contextlib import suppress

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stations.areas.models import Community, Grid
from yuanhang.core.models import Timestamped
from yuanhang.core.outbox import chat


class ChatRobotQuerySet(models.QuerySet):
    """Which robots."""

    def for_place(self, grid, community):
        """Those switched on for the grid or its community; each of the two may be None."""
        # A null never equals a null here: without the tests, "no grid" would fit every
        # community's robot.
        fits = Q(pk__in=[])
        if grid is not None:
            fits |= Q(grid=grid)
        if community is not None:
            fits |= Q(community=community)
        elif grid is not None:
            fits |= Q(community=grid.community_id)
        return self.filter(fits, is_active=True).order_by("pk")


class ChatRobot(Timestamped):
    """群机器人: it speaks into one WeCom group, about one grid or one whole community.

    Its address is a secret; people and logs meet `masked_url` only.
    """

    grid = models.ForeignKey(
        Grid, models.CASCADE, related_name="robots", null=True, blank=True, verbose_name=_("网格")
    )
    community = models.ForeignKey(
        Community,
        models.CASCADE,
        related_name="robots",
        null=True,
        blank=True,
        verbose_name=_("社区"),
    )
    name = models.CharField(_("群名"), max_length=60)
    url = models.CharField(
        _("Webhook 地址"),
        max_length=300,
        unique=True,
        validators=[chat.check_url],
        error_messages={"unique": _("这个机器人已经登记过了。")},
    )
    is_active = models.BooleanField(_("启用"), default=True)

    objects = ChatRobotQuerySet.as_manager()

    class Meta:
        verbose_name = _("群机器人")
        verbose_name_plural = _("群机器人")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="robot_has_one_place",
                condition=Q(grid__isnull=False, community__isnull=True)
                | Q(grid__isnull=True, community__isnull=False),
                violation_error_message=_("网格和社区选一个，只选一个。"),
            ),
        ]

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        """The database's own words on a refused row repeat the row, and with it the key."""
        try:
            super().save(*args, **kwargs)
        except IntegrityError as error:
            cause = getattr(error.__cause__, "diag", None)
            name = getattr(cause, "constraint_name", "")
            raise IntegrityError(f"chat robot {self.masked_url} breaks {name}") from None

    def clean(self):
        """Store the address in one spelling, so that it is entered once."""
        with suppress(ValidationError):  # the field's own validator has said it
            self.url = chat.canonical(self.url)

    @property
    def masked_url(self):
        """The address as it may be seen."""
        return chat.masked(self.url)

    @property
    def place(self):
        """The grid or the community."""
        return self.grid or self.community


class RobotMessageQuerySet(models.QuerySet):
    """Which messages."""

    def free(self, now):
        """Due, and nobody's: waiting, or taken by a process that ended without a word."""
        waiting = [RobotMessage.State.PENDING, RobotMessage.State.SENDING]
        return self.filter(state__in=waiting, due_at__lte=now)

    def spent(self, now, window):
        """What counts towards a robot's limit: sent within the window, or just being sent."""
        return self.filter(
            Q(sent_at__gt=now - window) | Q(state=RobotMessage.State.SENDING, due_at__gt=now)
        )


class RobotMessage(models.Model):
    """One text on its way into one group; claimed before it is sent, so it leaves once."""

    class State(models.TextChoices):
        """What became of it."""

        PENDING = "pending", _("待发")
        SENDING = "sending", _("发送中")
        SENT = "sent", _("已发")
        FAILED = "failed", _("未发出")

    robot = models.ForeignKey(
        ChatRobot, models.CASCADE, related_name="messages", verbose_name=_("群机器人")
    )
    key = models.CharField(_("唯一键"), max_length=120)
    text = models.TextField(_("内容"))
    state = models.CharField(_("状态"), max_length=8, choices=State.choices, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(_("尝试次数"), default=0)
    created_at = models.DateTimeField(_("时间"), default=timezone.now, editable=False)
    due_at = models.DateTimeField(_("下次发送"), default=timezone.now)
    sent_at = models.DateTimeField(_("发出时间"), null=True, blank=True)
    error = models.CharField(_("原因"), max_length=200, blank=True)

    objects = RobotMessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("群消息")
        verbose_name_plural = _("群消息")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["robot", "key"], name="robot_message_once"),
            models.CheckConstraint(
                name="robot_message_sent_has_time",
                condition=Q(state="sent", sent_at__isnull=False)
                | (~Q(state="sent") & Q(sent_at__isnull=True)),
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                name="robot_message_due",
                condition=Q(state__in=["pending", "sending"]),
            ),
            models.Index(fields=["robot", "sent_at"], name="robot_message_minute"),
        ]

    def __str__(self):
        return f"{self.key} {self.get_state_display()}"
