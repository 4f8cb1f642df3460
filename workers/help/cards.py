"""Help as cards of the front page: somebody waits for this person, or asks them something."""

from django.db.models import OuterRef, Q, Subquery
from django.utils.translation import gettext as _

from workers.help.models import HelpRequest, HelpTake
from yuanhang.core.cards import Card
from yuanhang.core.models import User
from yuanhang.core.words import until

CARDS_MAX = 2  # one's own, and one that one goes to


def help_cards(user: User) -> list[Card]:
    """This person's own open request, and the one they go to as a neighbour. One query."""
    live = HelpTake.objects.live().filter(helper=user, as_keeper=False)
    rows = HelpRequest.objects.unended().filter(
        Q(asker=user) | Q(pk__in=live.values("request")),
    )
    lease = live.filter(request=OuterRef("pk")).values("lease_until")
    rows = rows.annotate(lease_until=Subquery(lease)).select_related("grid").order_by("-pk")
    return [_own(call) if call.asker_id == user.pk else _going(call) for call in rows[:CARDS_MAX]]


def _going(call):
    return Card(
        seal=call.seal,
        title=_("你说去帮：%(what)s") % {"what": call.title},
        text=_("%(until)s 前到，去不了就说一声。") % {"until": until(call.lease_until)},
        label=_("打开"),
        url=call.get_absolute_url(),
        due=call.lease_until,
        asks=_("在路上 1 件"),
        shape="◔",
        tone="teal",
    )


def _own(call):
    asks = call.questioned_at is not None
    return Card(
        seal=call.seal,
        title=_("你的求助：%(what)s") % {"what": call.title},
        text=_("还要人帮吗？") if asks else _("看看谁来；办好了点一下。"),
        label=_("打开"),
        url=call.get_absolute_url(),
        due=call.closes_at,
        asks=_("等你点一下") if asks else call.get_state_display(),
        shape="◑" if asks else "○",
        tone="amber" if asks else "slate",
    )
