"""The private address under which a person's calendar follows their sign-ups."""

import secrets

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


def make_feed_token():
    """The unguessable part of a calendar's address (192 bits)."""
    return secrets.token_urlsafe(24)


class CalendarFeed(models.Model):
    """日历链接: whoever has it reads the person's coming sessions, so a new one ends the old."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="calendar_feed",
        verbose_name=_("人员"),
    )
    token = models.CharField(_("链接"), max_length=40, unique=True, default=make_feed_token)
    made_at = models.DateTimeField(_("时间"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("日历链接")
        verbose_name_plural = _("日历链接")

    def __str__(self):
        return f"#{self.pk}"
