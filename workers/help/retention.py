"""How long what somebody asked for is kept."""

from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yuanhang.core.retention import RetentionRule, Span


def _ended_before(moment: datetime) -> Q:
    return Q(ended_at__lte=moment)


RULES = (
    # The row with its words, photos and voice, and who went; the place went at the end already.
    RetentionRule(
        key="workers.help",
        model="workers.HelpRequest",
        after=Span(days=30),
        is_due=_ended_before,
        words=_("求助的话、语音和照片在结束 %(after)s后删，位置一结束就只剩网格"),
    ),
)
