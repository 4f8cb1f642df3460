"""How long what people said at the door is kept."""

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from stations.faults.models import FaultTap
from yuanhang.core.retention import RetentionRule, Span


def _ended_before(moment: datetime) -> Q:
    return Q(ended_at__lte=moment)


def _address_is_due(moment: datetime) -> Q:
    return Q(at__lte=moment) & ~Q(address="")


def _forget_addresses(keys: list[Any], _now: datetime) -> None:
    """Two hands are told apart within seconds: nothing needs the network after that."""
    FaultTap.objects.filter(pk__in=keys).update(address="")


RULES = (
    RetentionRule(
        key="stations.faults",
        model="stations.FacilityFault",
        after=Span(days=30),
        is_due=_ended_before,
        words=_("在驿站点的「坏了、锁着」和补的话，处理完 %(after)s后删"),
    ),
    RetentionRule(
        key="stations.tap_addresses",
        model="stations.FaultTap",
        after=Span(days=1),
        is_due=_address_is_due,
        forget=_forget_addresses,
        hourly=True,
        words=_("点的时候用的网络只留一个认不出人的记号，%(after)s后删"),
    ),
)
