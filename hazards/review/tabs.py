"""The tabs of the queue: which cases each shows, and how many wait in the ones that are work."""

from collections import Counter
from dataclasses import asdict
from datetime import timedelta

from django.db.models import DateField, DateTimeField, QuerySet, Value
from django.utils.translation import gettext_lazy as _

from hazards.cases.access import Clock, waiting_for, waiting_in
from hazards.cases.models.hazards import Hazard
from hazards.cases.states import State
from stations.postings.access import scope_of
from stations.postings.models import Scope
from yuanhang.core.models import User
from yuanhang.core.prepared import marked, prepared

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
    clock = Clock.read()
    return _narrow(hazards, tab, waiting_for(user), clock.now, clock.now + SOON)


def _narrow(hazards, tab, waiting, now, soon):
    if tab == TODO:
        return hazards.filter(waiting)
    if tab in (OVERDUE, DUE):
        return hazards.due_before(now if tab == OVERDUE else soon)
    if tab == VERIFY:
        return hazards.filter(state=State.FIXED)
    return hazards.open() if tab == OPEN else hazards


@prepared
def _counted(scope: Scope | None) -> QuerySet[Hazard]:
    moment = DateTimeField()
    now, asked_until, soon = (
        marked(name, "timestamptz", moment) for name in ("now", "asked_until", "soon")
    )
    clock = Clock(now, marked("day", "date", DateField()), asked_until)
    mine = Hazard.objects.all() if scope is None else Hazard.objects.in_scope(scope)
    waiting = waiting_in(scope, clock)
    # In any order, and no further than we count: sorting and counting would read them all.
    first, *others = (
        _narrow(mine, tab, waiting, now, soon)
        .order_by()
        .annotate(tab=Value(tab))
        .values_list("tab", flat=True)[: COUNT_MAX + 1]
        for tab in COUNTED
    )
    return first.union(*others, all=True)


def counts(user: User) -> dict[str, str]:
    """「7」, or 「99+」, for each tab that is counted and not empty; one query for all of them."""
    clock = Clock.read()
    scope = None if user.is_superuser else scope_of(user)
    found = Counter(_counted(scope, **asdict(clock), soon=clock.now + SOON))
    return {tab: str(n) if n <= COUNT_MAX else f"{COUNT_MAX}+" for tab, n in found.items()}
