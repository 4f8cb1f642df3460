"""A certificate that is ready, as a card."""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from volunteers.record.models.certificates import Certificate
from yuanhang.core.cards import Card
from yuanhang.core.models import User
from yuanhang.core.outbox.models import Notice

READY_FOR = timedelta(days=30)  # who has not opened it by then, finds it in the record
CARDS_SHOWN = 2


def certificate_cards(user: User) -> list[Card]:
    """Certificates that were issued and that the person has not opened yet.

    One query where there is none, which is nearly always.
    """
    news = Notice.objects.unread().filter(recipient=user, kind="volunteers.certificate")
    keys = news.filter(created_at__gt=timezone.now() - READY_FOR).values_list("key", flat=True)
    numbers = [key.split(":")[1] for key in keys[:CARDS_SHOWN]]
    if not numbers:
        return []
    ready = Certificate.objects.filter(pk__in=numbers, state=Certificate.State.VALID)
    return [
        Card(
            seal=_("证"),
            title=_("服务证明开好了：%(number)s") % {"number": certificate.number},
            text=_("点开就能打印，盖章到社区。"),
            label=_("打开"),
            url=certificate.get_absolute_url(),
            asks=_("开好了"),
            tone="green",
        )
        for certificate in ready.order_by("pk")
    ]
