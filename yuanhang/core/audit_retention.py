"""How long it is kept who looked at whose data."""

from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yuanhang.core.audit import LOOK
from yuanhang.core.retention import RetentionRule, Span


def _is_due(cutoff: datetime) -> Q:
    return Q(at__lte=cutoff, kind__regex=LOOK)


RULES = (
    RetentionRule(
        key="core.looks",
        model="yuanhang.AuditEvent",
        after=Span(months=6),
        is_due=_is_due,
        words=_("查看记录留 %(after)s"),
    ),
)
