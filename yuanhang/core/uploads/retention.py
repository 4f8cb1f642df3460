"""How long a file is kept whose form was not sent again."""

from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yuanhang.core.retention import RetentionRule, Span


def _is_due(cutoff: datetime) -> Q:
    return Q(created_at__lte=cutoff)


RULES = (
    RetentionRule(
        key="core.draft_uploads",
        model="yuanhang.DraftUpload",
        after=Span(days=1),
        is_due=_is_due,
        hourly=True,
        words=_("没发完的照片和语音 %(after)s后删"),
    ),
)
