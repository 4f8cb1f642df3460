"""A good file of a form that could not be taken yet."""

import secrets

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from yuanhang.core.models import User


def make_key():
    """What the page holds of the file (192 bits)."""
    return secrets.token_urlsafe(24)


class DraftUpload(models.Model):
    """A photo or a voice note, checked and drawn anew, until its form is sent again.

    Its random key is all that the page has of it; what somebody logged in sent is theirs alone.
    """

    class Kind(models.TextChoices):
        """What the file is."""

        PHOTO = "photo", _("照片")
        VOICE = "voice", _("语音")

    key = models.CharField(max_length=40, unique=True, default=make_key, editable=False)
    owner = models.ForeignKey(
        User, models.CASCADE, related_name="+", null=True, verbose_name=_("谁传的")
    )
    kind = models.CharField(_("类型"), max_length=5, choices=Kind.choices)
    file = models.FileField(_("文件"), max_length=120)
    thumbnail = models.FileField(_("缩略图"), max_length=120, blank=True, default="")
    medium = models.FileField(_("中图"), max_length=120, blank=True, default="")
    width = models.PositiveIntegerField(_("宽"), default=0)
    height = models.PositiveIntegerField(_("高"), default=0)
    # Where the camera says that it was; the file itself says it no more.
    latitude = models.FloatField(_("纬度"), null=True, editable=False)
    longitude = models.FloatField(_("经度"), null=True, editable=False)
    seconds = models.FloatField(_("时长（秒）"), default=0)
    wave = models.CharField(_("波形"), max_length=40, blank=True, default="", editable=False)
    # Of the file as it was sent: a form knows by it that it was sent before.
    digest = models.CharField(max_length=64, editable=False)
    created_at = models.DateTimeField(_("上传时间"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("没发完的文件")
        verbose_name_plural = _("没发完的文件")
        ordering = ["id"]
        indexes = [models.Index(fields=["created_at"], name="draft_upload_created")]
        constraints = [
            models.CheckConstraint(
                name="draft_upload_kind",
                condition=models.Q(kind="photo", width__gt=0, height__gt=0)
                & ~models.Q(thumbnail="")
                | models.Q(kind="voice", seconds__gt=0),
            ),
        ]

    def __str__(self):
        return f"{self.kind} #{self.pk}"
