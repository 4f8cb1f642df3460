"""Group robots: which chat hears of which place, and what is on its way there."""

from contextlib import suppress

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from stations.areas.models import Community, Grid
from yuanhang.core.models import Timestamped
from yuanhang.core.outbox import chat
from yuanhang.core.outbox.models import Delivery

CHANNEL = "chat"  # of the outbox


class ChatRobotQuerySet(models.QuerySet):
    def for_keys(self, grid_id, community_id):
        """Those switched on for a grid or a community; each of the two keys may be None."""
        # A null never equals a null here: without the tests, "no grid" would fit every
        # community's robot.
        fits = Q(pk__in=[])
        if grid_id is not None:
            fits |= Q(grid=grid_id)
        if community_id is not None:
            fits |= Q(community=community_id)
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
        # The database's own words on a refused row repeat the row, and with it the key.
        try:
            super().save(*args, **kwargs)
        except IntegrityError as error:
            cause = getattr(error.__cause__, "diag", None)
            name = getattr(cause, "constraint_name", "")
            raise IntegrityError(f"chat robot {self.masked_url} breaks {name}") from None

    def clean(self):
        # Store the address in one spelling, so that it is entered once.
        with suppress(ValidationError):  # the field's own validator has said it
            self.url = chat.canonical(self.url)

    @property
    def masked_url(self):
        """The address as it may be seen."""
        return chat.masked(self.url)

    @property
    def messages(self):
        """What was put on its way to this group, newest first."""
        return Delivery.objects.filter(channel=CHANNEL, target=str(self.pk))

    @property
    def place(self):
        return self.grid or self.community
