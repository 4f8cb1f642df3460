"""The floor's models: people, the audit trail, notices, and abstract building blocks."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import connection, models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from yuanhang.core.infix import DIGITS, infix_index
from yuanhang.core.phones import landline, mobile_digits
from yuanhang.core.text import clean, is_visible

NAME_MAX = 60


def normalise_phone(text):
    """A mainland mobile number as eleven digits.

    Takes what people type and copy, see `phones.mobile_digits`. Raises ValidationError.
    """
    digits = mobile_digits(text)
    if digits is None:
        raise ValidationError(_("请填 11 位手机号。"), code="phone")
    return digits


def normalise_any_phone(text):
    """A mobile number as eleven digits, or a landline with its area code; or ValidationError."""
    number = mobile_digits(text) or landline(text)
    if number is None:
        raise ValidationError(_("请填 11 位手机号，或带区号的座机。"), code="phone")
    return number


def validate_name(text):
    """Refuse only what no name holds: line breaks, controls, marks that turn what stands around it.

    Any script, `·` and rare characters pass; a name that nobody sees does not.
    """
    if clean(text) != text or "\n" in text or "\t" in text:
        raise ValidationError(_("称呼里有不能显示的字符，请重新填写。"), code="name")
    if text and not is_visible(text):
        raise ValidationError(_("称呼里没有看得见的字，请重新填写。"), code="name")


class Timestamped(models.Model):
    """Rows that know when they were made and last changed."""

    created_at = models.DateTimeField(_("创建时间"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("更新时间"), auto_now=True)

    class Meta:
        abstract = True


class Located(models.Model):
    """A place on the ground, WGS-84 degrees; accuracy in metres; the datum it was given in."""

    class Datum(models.TextChoices):
        """Coordinate systems in use in China, see `geo.py`."""

        WGS84 = "wgs84", _("WGS-84")
        GCJ02 = "gcj02", _("GCJ-02（高德、腾讯）")
        BD09 = "bd09", _("BD-09（百度）")

    latitude = models.FloatField(
        _("纬度"), null=True, blank=True, validators=[MinValueValidator(-90), MaxValueValidator(90)]
    )
    longitude = models.FloatField(
        _("经度"),
        null=True,
        blank=True,
        validators=[MinValueValidator(-180), MaxValueValidator(180)],
    )
    accuracy = models.FloatField(
        _("误差（米）"), null=True, blank=True, validators=[MinValueValidator(0)]
    )
    datum = models.CharField(
        _("原坐标系"), max_length=8, choices=Datum.choices, default=Datum.WGS84
    )

    class Meta:
        abstract = True

    def clean(self):
        # In words what the constraint says by its name.
        super().clean()
        if (self.latitude is None) != (self.longitude is None):
            raise ValidationError({"longitude": _("纬度和经度要一起填，或者都空着。")})

    @property
    def has_point(self):
        return self.latitude is not None and self.longitude is not None

    @staticmethod
    def point_constraint(name):
        """Both coordinates or neither, and within the globe."""
        return models.CheckConstraint(
            name=name,
            # A comparison with null is unknown, and a check lets the unknown pass: say "not null".
            condition=Q(latitude__isnull=True, longitude__isnull=True)
            | Q(
                latitude__isnull=False,
                longitude__isnull=False,
                latitude__gte=-90,
                latitude__lte=90,
                longitude__gte=-180,
                longitude__lte=180,
            ),
        )


class Photo(models.Model):
    """A photo as `media.photos` left it: re-encoded, without metadata, randomly named."""

    image = models.FileField(_("照片"), max_length=120)
    thumbnail = models.FileField(_("缩略图"), max_length=120)
    # For pages; empty where the picture is no larger itself.
    medium = models.FileField(_("中图"), max_length=120, blank=True, default="", editable=False)
    width = models.PositiveIntegerField(_("宽"))
    height = models.PositiveIntegerField(_("高"))
    created_at = models.DateTimeField(_("上传时间"), default=timezone.now, editable=False)

    class Meta:
        abstract = True

    def file_of(self, size):
        """The file of a size: "thumb", "page" or "full"."""
        if size == "thumb":
            return self.thumbnail
        return self.medium if size == "page" and self.medium else self.image


class Voice(models.Model):
    """A voice note as `yuanhang.core.media.voice` left it: AAC in mp4.

    Until the queue converted it `original` is what was sent. It may tell where it was made, so it
    is for nobody to hear; one that cannot be converted stays that way.
    """

    audio = models.FileField(_("语音"), max_length=120, blank=True, default="")
    original = models.FileField(
        _("原始录音"), max_length=120, blank=True, default="", db_default="", editable=False
    )
    is_unreadable = models.BooleanField(
        _("转不了"), default=False, db_default=False, editable=False
    )
    seconds = models.FloatField(_("时长（秒）"))
    wave = models.CharField(_("波形"), max_length=40, blank=True, default="", editable=False)
    created_at = models.DateTimeField(_("上传时间"), default=timezone.now, editable=False)

    class Meta:
        abstract = True


class UserManager(BaseUserManager):
    """Makes users by phone."""

    def create_user(self, phone, password=None, **fields):
        """A person who logs in by phone; ValidationError when the phone is none."""
        user = self.model(phone=normalise_phone(phone), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, phone, password=None, **fields):
        return self.create_user(phone, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, phone):
        """The person with this phone, however it is typed."""
        try:
            phone = normalise_phone(phone)
        except ValidationError:
            raise self.model.DoesNotExist from None
        return self.get(phone=phone)


class User(AbstractBaseUser, PermissionsMixin):
    """Somebody who logs in: the phone is the log-in name; no username, no e-mail."""

    phone = models.CharField(
        _("手机号"),
        max_length=11,
        unique=True,
        error_messages={"unique": _("这个手机号已经注册过。")},
    )
    display_name = models.CharField(
        _("称呼"), max_length=NAME_MAX, blank=True, validators=[validate_name]
    )
    phone_verified_at = models.DateTimeField(_("手机号核验时间"), null=True, blank=True)
    is_staff = models.BooleanField(_("可进管理后台"), default=False)
    is_active = models.BooleanField(_("有效"), default=True)
    date_joined = models.DateTimeField(_("注册时间"), default=timezone.now, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "phone"
    REQUIRED_FIELDS = ["display_name"]

    class Meta:
        verbose_name = _("账号")
        verbose_name_plural = _("账号")
        constraints = [
            models.CheckConstraint(
                name="user_phone_is_mobile", condition=Q(phone__regex=r"^1[0-9]{10}$")
            ),
        ]
        indexes = [
            infix_index("display_name", "user_name_part"),
            infix_index("phone", "user_phone_part", DIGITS),
        ]

    def __str__(self):
        return self.display_name or self.masked_phone

    @property
    def masked_phone(self):
        """The number with its middle hidden, for screens that others may glance at."""
        return f"{self.phone[:3]}****{self.phone[-4:]}"

    def get_short_name(self):
        return str(self)

    get_full_name = get_short_name

    def clean(self):
        # Store the phone in one spelling.
        self.phone = normalise_phone(self.phone)


class AuditEventQuerySet(models.QuerySet):
    def kinds(self):
        """Every kind there is, in order: from one to the next by the index, not row by row."""
        table = connection.ops.quote_name(self.model._meta.db_table)
        with connection.cursor() as cursor:
            cursor.execute(
                f"WITH RECURSIVE kinds (kind) AS ((SELECT min(kind) FROM {table}) UNION ALL"  # noqa: S608 - our own table
                f" SELECT (SELECT min(kind) FROM {table} WHERE kind > kinds.kind) FROM kinds"
                " WHERE kinds.kind IS NOT NULL) SELECT kind FROM kinds WHERE kind IS NOT NULL"
            )
            return [kind for (kind,) in cursor.fetchall()]


class AuditEvent(models.Model):
    """Who did what to which thing. Written by `core.audit` alone, never changed.

    No foreign keys: the record outlives both its subject and its actor.
    """

    at = models.DateTimeField(_("时间"), default=timezone.now)
    kind = models.CharField(_("事项"), max_length=60)
    target_type = models.CharField(_("对象类型"), max_length=60)
    target_id = models.CharField(_("对象编号"), max_length=40)
    parent_type = models.CharField(_("上级类型"), max_length=60, blank=True)
    parent_id = models.CharField(_("上级编号"), max_length=40, blank=True)
    actor_id = models.BigIntegerField(_("操作账号"), null=True)
    actor_role = models.CharField(_("操作身份"), max_length=30)
    changes = models.JSONField(_("变化"), default=dict)

    objects = AuditEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("操作记录")
        verbose_name_plural = _("操作记录")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["target_type", "target_id", "id"], name="audit_target"),
            models.Index(fields=["actor_id", "id"], name="audit_actor"),
            models.Index(fields=["at"], name="audit_at"),
            models.Index(fields=["kind", "-id"], name="audit_kind"),
            # Searched by the number alone, whatever it is of.
            models.Index(fields=["target_id", "-id"], name="audit_target_id"),
        ]

    def __str__(self):
        return str(_("第 %(n)s 条") % {"n": self.pk})

    def save(self, *args, **kwargs):
        # Only the first save counts.
        if self.pk is not None:
            raise TypeError("audit events are never changed")
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        # Never one by one; the retention purge works on the table.
        raise TypeError("audit events are never deleted one by one")


class ReferenceRow(models.Model):
    """A row of reference data that this database got; it is not handed out a second time."""

    name = models.CharField(_("名称"), max_length=150, primary_key=True)

    class Meta:
        verbose_name = _("已载入的基础资料")
        verbose_name_plural = _("已载入的基础资料")

    def __str__(self):
        return self.name


class TableVersion(models.Model):
    """A random word for each watched table, a new one with each change; written by triggers."""

    name = models.CharField(_("表"), max_length=63, primary_key=True)
    version = models.UUIDField(_("版本"))

    class Meta:
        verbose_name = _("资料版本")
        verbose_name_plural = _("资料版本")

    def __str__(self):
        return self.name


# Django looks for the models of an app in this module alone.
import yuanhang.core.outbox.models  # noqa: E402
import yuanhang.core.stored_files.models  # noqa: E402
import yuanhang.core.uploads.models  # noqa: E402, F401
