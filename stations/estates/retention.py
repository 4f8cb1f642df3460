"""How long what people wrote about estates is kept, and who wrote it."""

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from stations.estates.models import FactConfirmation, FactVersion
from yuanhang.core.retention import RetentionRule, Span


def _over(moment: datetime) -> Q:
    """Replaced or undone so long ago, or never confirmed by anybody."""
    return Q(ended_at__lte=moment) | Q(confirmed_at=None, ended_at=None, written_at__lte=moment)


def _writer_is_due(moment: datetime) -> Q:
    return Q(ended_at__lte=moment, written_by__isnull=False)


def _forget_writers(keys: list[Any], _now: datetime) -> None:
    """What was written stays for its time; who wrote it is nobody's business any more."""
    FactVersion.objects.filter(pk__in=keys).update(written_by=None)


def _confirmer_is_due(moment: datetime) -> Q:
    return Q(at__lte=moment, user__isnull=False)


def _forget_confirmers(keys: list[Any], _now: datetime) -> None:
    """It counts for no round any more."""
    FactConfirmation.objects.filter(pk__in=keys).update(user=None)


RULES = (
    RetentionRule(
        key="stations.estate_history",
        model="stations.FactVersion",
        after=Span(days=365),
        is_due=_over,
        words=_("小区信息里改掉的、没人确认的写法，%(after)s后删"),
    ),
    RetentionRule(
        key="stations.estate_writers",
        model="stations.FactVersion",
        after=Span(days=90),
        is_due=_writer_is_due,
        forget=_forget_writers,
        words=_("改掉的小区信息是谁写的，%(after)s后忘掉"),
    ),
    RetentionRule(
        key="stations.estate_confirmers",
        model="stations.FactConfirmation",
        after=Span(days=180),
        is_due=_confirmer_is_due,
        forget=_forget_confirmers,
        words=_("谁说过小区信息「对」，%(after)s后忘掉"),
    ),
    RetentionRule(
        key="stations.estate_photos",
        model="stations.FactPhoto",
        after=Span(days=365),
        is_due=lambda moment: Q(created_at__lte=moment),
        words=_("小区信息的照片只给登记确认过的骑手看，%(after)s后删"),
    ),
    RetentionRule(
        key="stations.wrong_codes",
        model="stations.WrongCode",
        after=Span(days=1),
        is_due=lambda moment: Q(at__lte=moment),
        hourly=True,
        words=_("输错物业六位码的设备只留一个认不出人的记号，%(after)s后删"),
    ),
    RetentionRule(
        key="stations.gate_refusals",
        model="stations.GateRefusal",
        after=Span(days=90),
        is_due=lambda moment: Q(at__lte=moment),
        words=_("物业看得到的「哪天哪个门进不去」，%(after)s后删"),
    ),
)
