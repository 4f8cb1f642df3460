"""How long an offer is kept when it is over."""

from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yuanhang.core.retention import RetentionRule, Span


def _is_due(moment: datetime) -> Q:
    return Q(ends_at__lte=moment)


RULES = (
    RetentionRule(
        key="workers.job_offers",
        model="workers.JobOffer",
        after=Span(days=30),
        is_due=_is_due,
        words=_("招工信息连同联系办法，过期 %(after)s后删"),
    ),
)
