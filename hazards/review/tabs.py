"""The tabs of the queue: which cases each shows, and how many wait in the ones that are work."""

from collections import Counter
from datetime import timedelta

from django.db.models import QuerySet, Value
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hazards.cases.access import waiting_for
from hazards.cases.models.hazards import Hazard
from hazards.cases.states import State
from yuanhang.core.models import User

TODO, OVERDUE, DUE, VERIFY = "todo", "overdue", "due", "verify"
OPEN, ALL = "open", "all"
TABS = (
    (TODO, _("待我处理")),
    (OVERDUE, _("超时")),
    (DUE, _("快到时限")),
    (VERIFY, _("待核查")),
    (OPEN, _("没办完")),
    (ALL, _("全部")),
)
COUNTED = (TODO, OVERDUE, DUE, VERIFY)
COUNT_MAX = 99  # what lies beyond is told as 99+
# What is due within a working half-day is worth a look now.
SOON = timedelta(hours=4)


def narrow(hazards: QuerySet[Hazard], tab: str, user: User) -> QuerySet[Hazard]:
    """The cases of a tab out of those in this person's charge."""
    if tab == TODO:
        return hazards.filter(waiting_for(user))
    if tab == OVERDUE:
        return hazards.due_before(timezone.now())
    if tab == DUE:
        return hazards.due_before(timezone.now() + SOON)
    if tab == VERIFY:
        return hazards.filter(state=State.FIXED)
    return hazards.open() if tab == OPEN else hazards


def counts(user: User) -> dict[str, str]:
    """「7」, or 「99+」, for each tab that is counted and not empty; one query for all of them."""
    mine = Hazard.objects.in_charge_of(user)
    # In any order, and no further than we count: sorting and counting would read them all.
    parts = [
        narrow(mine, tab, user).order_by().annotate(tab=Value(tab)).values_list("tab", flat=True)
        for tab in COUNTED
    ]
    first, *others = (part[: COUNT_MAX + 1] for part in parts)
    found = Counter(first.union(*others, all=True))
    return {tab: str(n) if n <= COUNT_MAX else f"{COUNT_MAX}+" for tab, n in found.items()}
