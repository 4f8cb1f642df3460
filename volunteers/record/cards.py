"""A certificate that is ready, and a list that waits for its leader, as cards."""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from volunteers.activities.models.sessions import ActivitySession
from volunteers.activities.words import session_words
from volunteers.record.attendance import SETTLES_AFTER
from volunteers.record.models.certificates import Certificate
from yuanhang.core.cards import Card
from yuanhang.core.models import User
from yuanhang.core.outbox.models import Notice

READY_FOR = timedelta(days=30)  # who has not opened it by then, finds it in the record
CARDS_A_KIND = 2


def certificate_cards(user: User) -> list[Card]:
    """Certificates that were issued and that the person has not opened yet."""
    news = Notice.objects.unread().filter(recipient=user, kind="volunteers.certificate")
    keys = news.filter(created_at__gt=timezone.now() - READY_FOR).values_list("key", flat=True)
    numbers = [key.split(":")[1] for key in keys[:CARDS_A_KIND]]
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
        )
        for certificate in ready.order_by("pk")
    ]


def roster_cards(user: User) -> list[Card]:
    """Lists of sessions that this person led, until they settle by themselves."""
    now = timezone.now()
    rows = ActivitySession.objects.unsettled().filter(
        leader=user,
        ends_at__lte=now,
        ends_at__gt=now - SETTLES_AFTER,
        activity__is_confidential=False,
    )
    rows = rows.select_related("activity").order_by("ends_at", "pk")
    return [
        Card(
            seal=_("名"),
            title=_("看一眼名单：%(title)s") % {"title": session.activity},
            text=_("%(when)s。谁没来点一下；没人动就按都到了记。")
            % {"when": session_words(session)},
            label=_("打开"),
            url=session.get_roster_url(),
            due=session.ends_at + SETTLES_AFTER,
        )
        for session in rows[:CARDS_A_KIND]
    ]
