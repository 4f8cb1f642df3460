"""Notices, their way out, and what is known of the other side: its rests, receipts and counts."""

from datetime import timedelta

from django.contrib.postgres.indexes import OpClass
from django.db import connection, models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from yuanhang.core.models import User

# So long after a look at the clock something may have been sent until the question is asked.
JUST_NOW = timedelta(seconds=5)


class NoticeQuerySet(models.QuerySet):
    """Inbox questions."""

    def visible_to(self, user):
        """A person's own notices, and nobody else's."""
        return self.filter(recipient=user) if user.is_authenticated else self.none()

    def unread(self):
        """Those not opened yet."""
        return self.filter(read_at__isnull=True)

    def store_new(self, notices, older=()):
        """Store what its recipient was not yet told under its key; returns these, in one question.

        Whoever tells the same at this moment is waited for: one of the two stores it. `older` are
        (person, url, key): what led the person there before counts as read, under a key only where
        the notice of that key is new. Those that are stored here stay unread.
        """
        if not (notices or older):
            return []
        columns = ("recipient_id", "key", "kind", "title", "body", "url", "created_at")
        values = [getattr(notice, column) for notice in notices for column in columns]
        quote = connection.ops.quote_name
        sql = _stored(quote(self.model._meta.db_table), columns, len(notices), len(older))
        for person, url, key in older:
            values += [person, url, key]
        with connection.cursor() as cursor:
            cursor.execute(sql, [*values, timezone.now()] if older else values)
            keys = {(to, key): pk for pk, to, key in cursor.fetchall()}
        made = []
        for notice in notices:
            # Of two that say the same to one person the first was stored.
            pk = keys.pop((notice.recipient_id, notice.key), None)
            if pk is not None:
                notice.pk, notice._state.adding, notice._state.db = pk, False, self.db
                made.append(notice)
        return made


def _stored(table, columns, new, old):
    """The statement that stores so many notices and counts so many pairs as read.

    Its parts see the table as it was before any of them.
    """
    row = f"({', '.join(['%s'] * len(columns))})"
    pair = "(%s::bigint, %s::text, %s::text)"
    made = "made AS (SELECT NULL::bigint AS id, NULL::bigint AS recipient_id, NULL AS key LIMIT 0)"
    if new:
        made = (
            f"made AS (INSERT INTO {table} ({', '.join(columns)})"  # noqa: S608 - our own
            f" VALUES {', '.join([row] * new)} ON CONFLICT DO NOTHING"
            " RETURNING id, recipient_id, key)"
        )
    read = ""
    if old:
        read = (
            f", older (person, address, because) AS (VALUES {', '.join([pair] * old)})"  # noqa: S608 - our own
            f", seen AS (UPDATE {table} AS told SET read_at = %s FROM older"
            " WHERE told.read_at IS NULL AND recipient_id = person AND url = address"
            " AND (because IS NULL OR (person, because) IN (SELECT recipient_id, key FROM made)))"
        )
    return f"WITH {made}{read} SELECT id, recipient_id, key FROM made"  # noqa: S608 - our words


class Notice(models.Model):
    """One rendered message to one person; stored in the transaction it tells about."""

    recipient = models.ForeignKey(
        User,
        models.CASCADE,
        related_name="notices",
        verbose_name=_("收件人"),
        null=True,
        blank=True,
    )
    key = models.CharField(_("唯一键"), max_length=120)
    kind = models.CharField(_("类型"), max_length=60)
    title = models.CharField(_("标题"), max_length=120)
    body = models.TextField(_("内容"), blank=True)
    url = models.CharField(_("链接"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("时间"), default=timezone.now, editable=False)
    read_at = models.DateTimeField(_("已读时间"), null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("通知")
        verbose_name_plural = _("通知")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["recipient", "key"], name="notice_once", nulls_distinct=False
            ),
        ]
        indexes = [
            models.Index(fields=["recipient", "-id"], name="notice_inbox"),
            models.Index(
                fields=["recipient"], name="notice_unread", condition=Q(read_at__isnull=True)
            ),
            # What waits for a person is told by its kind.
            models.Index(
                fields=["recipient", "kind", "-id"],
                name="notice_unread_kind",
                condition=Q(read_at__isnull=True),
            ),
            # By what it is about, whose names begin the kind.
            models.Index(
                OpClass(F("kind"), name="varchar_pattern_ops"), F("id").desc(), name="notice_kind"
            ),
        ]

    def __str__(self):
        return self.title


class DeliveryQuerySet(models.QuerySet):
    def free(self, now):
        """Due, and nobody's: waiting, or taken by a process that ended without a word."""
        return self.filter(
            state__in=[Delivery.State.PENDING, Delivery.State.SENDING], due_at__lte=now
        )

    def bring_near(self, now):
        """After a clock was set back: pauses and leases last as long as they did, from now on."""
        on_their_way = self.filter(state__in=[Delivery.State.PENDING, Delivery.State.SENDING])
        rest = F("due_at") - F("tried_at")
        on_their_way.filter(tried_at__gt=now).update(due_at=now + rest, tried_at=now)
        untried = on_their_way.filter(tried_at__isnull=True, asked_at__gt=now)
        untried.update(due_at=now, asked_at=now)

    def overdue(self, now, age):
        """Waiting, and asked for longer ago than this; what may have left is not among them."""
        return self.filter(state=Delivery.State.PENDING, asked_at__lt=now - age)

    def spent(self, now, window):
        """What counts towards a limit: sent within the window, or just being sent.

        What was sent "later", before a clock was set back, counts as long ago; but what ended
        between the look at the clock and this question was sent just now.
        """
        return self.filter(
            Q(sent_at__gt=now - window, sent_at__lte=now + JUST_NOW)
            | Q(state=Delivery.State.SENDING, due_at__gt=now)
        )


class Delivery(models.Model):
    """One message on its way out by one channel; claimed before it is sent.

    It carries a notice, or a text of its own under a key. Whether it is sent again when nobody
    knows what became of it is up to its channel (`Channel.at_least_once`).
    """

    class State(models.TextChoices):
        """What became of it."""

        PENDING = "pending", _("待发")
        SENDING = "sending", _("发送中")
        SENT = "sent", _("已发")
        DELIVERED = "delivered", _("已送达")
        UNKNOWN = "unknown", _("不知道发没发到")
        FAILED = "failed", _("未发出")

    channel = models.CharField(_("渠道"), max_length=20)
    # Whom the channel addresses, in its own words, such as the key of a group robot.
    target = models.CharField(_("对象"), max_length=40, blank=True)
    key = models.CharField(_("唯一键"), max_length=120, blank=True)
    notice = models.ForeignKey(
        Notice,
        models.CASCADE,
        related_name="deliveries",
        null=True,
        blank=True,
        verbose_name=_("通知"),
    )
    text = models.TextField(_("内容"), blank=True)
    # An SMS is a template that the gateway knows, and short values for it.
    template = models.CharField(_("短信模板"), max_length=60, blank=True)
    variables = models.JSONField(_("模板变量"), default=dict, blank=True)
    # Only for people without an account; erased once the message has left, or after a week.
    address = models.CharField(_("地址"), max_length=40, blank=True)
    state = models.CharField(_("状态"), max_length=9, choices=State.choices, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(_("尝试次数"), default=0)
    # Processes that took it and ended without a word.
    deaths = models.PositiveSmallIntegerField(_("中断次数"), default=0)
    created_at = models.DateTimeField(_("时间"), default=timezone.now, editable=False)
    # Its age counts from here; anew when a person sends it again.
    asked_at = models.DateTimeField(_("要求发送"), default=timezone.now, editable=False)
    tried_at = models.DateTimeField(_("上次尝试"), null=True, blank=True)
    # What the latest try is called by us and by the other side: receipts name one of the two.
    reference = models.CharField(_("我方编号"), max_length=40, blank=True)
    outside_id = models.CharField(_("对方编号"), max_length=80, blank=True)
    due_at = models.DateTimeField(_("下次发送"), default=timezone.now)
    sent_at = models.DateTimeField(_("发出时间"), null=True, blank=True)
    error = models.CharField(_("原因"), max_length=200, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("外发")
        verbose_name_plural = _("外发")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["notice", "channel"], name="delivery_once"),
            models.UniqueConstraint(
                fields=["channel", "target", "key"],
                name="delivery_key_once",
                condition=Q(notice__isnull=True),
            ),
            models.CheckConstraint(
                name="delivery_has_notice_or_key",
                condition=Q(notice__isnull=False, key="") | (Q(notice__isnull=True) & ~Q(key="")),
            ),
            models.CheckConstraint(
                name="delivery_sent_has_time",
                condition=Q(state__in=["sent", "delivered"], sent_at__isnull=False)
                | (~Q(state__in=["sent", "delivered"]) & Q(sent_at__isnull=True)),
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                name="delivery_due",
                condition=Q(state__in=["pending", "sending"]),
            ),
            models.Index(fields=["channel", "target", "sent_at"], name="delivery_minute"),
            models.Index(
                fields=["state", "-id"],
                name="delivery_unsettled",
                condition=Q(state__in=["unknown", "failed"]),
            ),
            models.Index(fields=["reference"], name="delivery_ref", condition=~Q(reference="")),
            models.Index(fields=["outside_id"], name="delivery_other", condition=~Q(outside_id="")),
        ]

    def __str__(self):
        return f"{self.get_state_display()} {self.pk}"


class Party(models.Model):
    """Somebody else's server that messages go to; it rests as a whole when it did not answer."""

    key = models.CharField(_("对方"), max_length=80, unique=True)
    failures = models.PositiveIntegerField(_("连着失败"), default=0)
    failing_since = models.DateTimeField(_("从何时起"), null=True, blank=True)
    rests_until = models.DateTimeField(_("歇到"), null=True, blank=True)
    is_slow = models.BooleanField(_("答得慢"), default=False)
    error = models.CharField(_("原因"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("外部服务")
        verbose_name_plural = _("外部服务")

    def __str__(self):
        return self.key


class Receipt(models.Model):
    """What a gateway reported of one message; kept because it may come before our own commit."""

    reference = models.CharField(_("编号"), max_length=80, unique=True)
    state = models.CharField(_("状态"), max_length=9, choices=Delivery.State.choices)
    code = models.CharField(_("代码"), max_length=40, blank=True)
    arrived_at = models.DateTimeField(_("收到"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("短信回执")
        verbose_name_plural = _("短信回执")

    def __str__(self):
        return self.get_state_display()


class SmsCount(models.Model):
    """SMS of one day to one number, known by a digest; those to all together under no digest."""

    day = models.DateField(_("日期"))
    number = models.CharField(_("号码摘要"), max_length=32, blank=True)
    count = models.PositiveIntegerField(_("条数"), default=0)

    class Meta:
        verbose_name = _("短信用量")
        verbose_name_plural = _("短信用量")
        constraints = [
            models.UniqueConstraint(fields=["day", "number"], name="sms_count_once"),
        ]

    def __str__(self):
        return f"{self.day} {self.count}"
