"""Who can log in to the demo, and what is news to them. Fictional people, undiallable numbers."""

from django.db.models import F, Window
from django.db.models.functions import RowNumber

from yuanhang.core.outbox.models import Notice

PASSWORD = "demo-yuanhang"  # noqa: S105 - the demo's, shown on its log-in page

LOGINS = [
    ("10000000001", "骑手甲（演示）"),
    ("10000000002", "骑手乙（演示）"),
    ("10000000011", "第六网格员（演示）"),
    ("10000000012", "第一网格兼职网格员（演示）"),
    ("10000000021", "远航社区工作人员（演示）"),
    ("10000000022", "景山社区工作人员（演示）"),
    ("10000000031", "街道综治中心（演示）"),
    ("10000000041", "管理员（演示）"),
]

NEWS = 5


def read_old_news():
    """Everybody has read their notices but for the last few, as people do who use the site."""
    newest_first = Window(
        RowNumber(), partition_by=F("recipient"), order_by=[F("created_at").desc(), F("pk").desc()]
    )
    ranked = Notice.objects.unread().annotate(rank=newest_first).filter(rank__gt=NEWS)
    old = [notice.pk for notice in ranked]
    Notice.objects.filter(pk__in=old).update(read_at=F("created_at"))
