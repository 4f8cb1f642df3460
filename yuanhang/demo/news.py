"""What is news to the people of the demo."""

from django.db.models import F, Window
from django.db.models.functions import RowNumber

from yuanhang.core.outbox.models import Notice

NEWS = 5


def read_old_news():
    """Everybody has read their notices but for the last few, as people do who use the site."""
    newest_first = Window(
        RowNumber(), partition_by=F("recipient"), order_by=[F("created_at").desc(), F("pk").desc()]
    )
    ranked = Notice.objects.unread().annotate(rank=newest_first).filter(rank__gt=NEWS)
    old = [notice.pk for notice in ranked]
    Notice.objects.filter(pk__in=old).update(read_at=F("created_at"))
