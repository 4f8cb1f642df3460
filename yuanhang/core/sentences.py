"""What forms say of a wrong entry, in the product's own words: one default for every form.

Django's own sentences are translated word by word, and some not at all.
"""

from django.contrib.auth import password_validation
from django.core import validators
from django.core.exceptions import ValidationError
from django.db import models
from django.forms import fields
from django.forms import models as model_forms
from django.utils.translation import gettext_lazy as _

REQUIRED = _("这一项必填。")
CHOOSE = _("这一项必填，选一个。")
NO_CHOICE = _("没有这个选项，请重新选择。")
NUMBER = _("请填数字。")

OF_FIELDS = {
    fields.Field: {"required": REQUIRED},
    fields.BooleanField: {"required": _("请勾上这一项。")},
    fields.ChoiceField: {"required": CHOOSE, "invalid_choice": NO_CHOICE},
    fields.MultipleChoiceField: {"invalid_choice": NO_CHOICE, "invalid_list": NO_CHOICE},
    model_forms.ModelChoiceField: {
        "required": CHOOSE,
        "invalid_choice": NO_CHOICE,
    },
    model_forms.ModelMultipleChoiceField: {
        "invalid_choice": NO_CHOICE,
        "invalid_pk_value": NO_CHOICE,
        "invalid_list": NO_CHOICE,
    },
    fields.IntegerField: {"invalid": _("请填整数。")},
    fields.FloatField: {"invalid": NUMBER},
    fields.DecimalField: {"invalid": NUMBER},
    fields.DateField: {"invalid": _("日期写成 2026-11-26 这样。")},
    fields.TimeField: {"invalid": _("时间写成 14:05 这样。")},
    fields.DateTimeField: {"invalid": _("日期和时间写成 2026-11-26 14:05 这样。")},
    fields.SplitDateTimeField: {
        "invalid_date": _("日期写成 2026-11-26 这样。"),
        "invalid_time": _("时间写成 14:05 这样。"),
    },
    fields.FileField: {
        "required": _("请选一个文件。"),
        "empty": _("这个文件是空的，请重新选。"),
        "invalid": _("文件没有传上来，请再选一次。"),
        "missing": _("文件没有传上来，请再选一次。"),
    },
    fields.JSONField: {"invalid": _("这段 JSON 读不懂，请检查格式。")},
    fields.URLField: {"invalid": _("网址不对，请从 https:// 开始抄全。")},
    fields.UUIDField: {"invalid": _("页面放久了，请刷新再填。")},
    models.Field: {
        "blank": REQUIRED,
        "null": REQUIRED,
        "unique": _("这个%(field_label)s已存在。"),
        "invalid_choice": NO_CHOICE,
    },
}
OF_VALIDATORS = {
    validators.MaxValueValidator: _("要小于或等于 %(limit_value)s。"),
    validators.MinValueValidator: _("要大于或等于 %(limit_value)s。"),
    validators.MaxLengthValidator: _("最多 %(limit_value)d 个字，现在有 %(show_value)d 个。"),
    validators.MinLengthValidator: _("至少 %(limit_value)d 个字，现在只有 %(show_value)d 个。"),
    validators.ProhibitNullCharactersValidator: _("里面有不能显示的字符，请重新填。"),
}


def _of_constraint(constraint):
    """What a constraint says that has no words of its own: never its name."""
    words = constraint.violation_error_message
    if words == constraint.default_violation_error_message:
        return str(_("这样存不了：有几项互相对不上，或者超出了范围。"))
    return words % {"name": constraint.name}


def _twice(row, _model, fields):
    """What a row says that has its like."""
    names = _("、").join(str(row._meta.get_field(name).verbose_name) for name in fields)
    words = _("已经有一条这样的「%(model)s」了，%(names)s重复。")
    values = {"model": row._meta.verbose_name, "names": names}
    return ValidationError(words % values, code="unique_together")


def install():
    """Make them the defaults; a field's own words still come first."""
    models.constraints.BaseConstraint.get_violation_error_message = _of_constraint
    single = models.Model.unique_error_message

    def unique_error_message(row, model, fields):
        return single(row, model, fields) if len(fields) == 1 else _twice(row, model, fields)

    models.Model.unique_error_message = unique_error_message
    for kind, words in OF_FIELDS.items():
        kind.default_error_messages = getattr(kind, "default_error_messages", {}) | words
    for kind, words in OF_VALIDATORS.items():
        kind.message = words
    validators.validate_slug.message = _("只能用英文字母、数字、减号和下划线。")


class NotLikeOneself(password_validation.UserAttributeSimilarityValidator):
    """Not the phone, not the name."""

    def get_error_message(self):
        return _("密码和手机号或称呼太像了，换一个。")

    def get_help_text(self):
        return _("别用手机号或称呼。")


class LongEnough(password_validation.MinimumLengthValidator):
    """A minimum of characters."""

    def get_error_message(self):
        return _("密码太短了，至少 %(min_length)d 位。") % {"min_length": self.min_length}

    def get_help_text(self):
        return _("至少 %(min_length)d 位。") % {"min_length": self.min_length}


class NotCommon(password_validation.CommonPasswordValidator):
    """None of those that are tried first."""

    def get_error_message(self):
        return _("这个密码太常见了。")

    def get_help_text(self):
        return _("别用常见的密码。")


class NotDigitsAlone(password_validation.NumericPasswordValidator):
    """Something else than digits."""

    def get_error_message(self):
        return _("密码不能全是数字。")

    def get_help_text(self):
        return _("别全用数字。")
