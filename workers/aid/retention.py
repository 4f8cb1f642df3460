"""How long confidential requests are kept."""

from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yuanhang.core.retention import RetentionRule, Span


def _ended_before(moment: datetime) -> Q:
    return Q(ended_at__lte=moment)


RULES = (
    RetentionRule(
        key="workers.aid_done",
        model="workers.AidRequest",
        after=Span(days=90),
        is_due=_ended_before,
        words=_("救助的内容是加密的，办完 %(after)s后全部删掉"),
    ),
)
