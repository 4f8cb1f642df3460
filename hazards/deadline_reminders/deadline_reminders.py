"""The watch over deadlines: tells the holder once that one ends soon, and once that it was broken.

A case is claimed by a conditional update before anybody is told, so two watches at once tell once.
After an outage many may be due together: whoever holds more than a few gets one notice, not many.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from hazards.cases.models.hazards import Hazard
from hazards.cases.notifications import announce_in_chat, reviewers_of
from hazards.cases.states import State
from stations.postings.access import centre_officers, community_staff
from yuanhang.core.models import User
from yuanhang.core.outbox import notices

SOON = timedelta(hours=2)
SINGLE_NOTICES_MAX = 3  # up to so many are told one by one
CASES_A_RUN = 500


def remind_of_deadlines() -> tuple[int, int]:
    """Mark and tell what is due soon and what is overdue; returns (soon, overdue) counts."""
    now = timezone.now()
    # A place that nobody made safe: the repair is another deadline all the same, told of anew.
    again = Q(overdue_told_at__lt=F("fix_due_at"), fix_due_at__lte=now)
    late = Hazard.objects.due_before(now).filter(Q(overdue_told_at=None) | again)
    overdue = _round("overdue", late, now)
    first = Q(soon_told_at=None, overdue_told_at=None)
    again = Q(soon_told_at=None) | Q(soon_told_at__lt=F("fix_due_at") - SOON)
    again &= Q(secure_due_at__lte=now, fix_due_at__gt=now, fix_due_at__lte=now + SOON)
    soon = Hazard.objects.due_before(now + SOON).filter(first | again)
    return _round("soon", soon, now), overdue


@transaction.atomic
def _round(kind: str, cases: QuerySet[Hazard], now: datetime) -> int:
    """Claim the cases for one kind of notice and tell their holders."""
    field = f"{kind}_told_at"
    due = cases.select_related("category", "grid", "community", "subdistrict")
    told = defaultdict(list)
    count = 0
    for case in due.order_by("id")[:CASES_A_RUN]:
        unclaimed = Hazard.objects.filter(pk=case.pk, **{field: getattr(case, field)})
        if not unclaimed.update(**{field: now}):
            continue
        case.told_due = _deadline(case, kind, now)
        count += 1
        if kind == "overdue" and count <= SINGLE_NOTICES_MAX:
            # A group learns of a few; a flood after an outage is for the queue's own page.
            announce_in_chat(case, _("超时"), f"watch:{case.pk}:{case.told_due:%Y%m%d%H%M}")
        for person in {p.pk: p for p in _concerned(case, kind)}.values():
            told[person].append(case)
    for person, held in told.items():
        _notify(person, held, kind, now)
    return count


def _deadline(case: Hazard, kind: str, now: datetime) -> datetime:
    """When the deadline ends that is told of: the repair's once the making safe is behind it."""
    passed = case.fix_due_at if kind == "overdue" else case.due_at
    return case.fix_due_at if case.fix_due_at and passed <= now else case.due_at


def _concerned(case: Hazard, kind: str) -> list[User]:
    """Whose hands it is in; once overdue, the level above as well."""
    if case.state in (State.ESCALATED, State.DISPATCHED):
        holders = list(centre_officers(case.subdistrict))
    else:
        holders = reviewers_of(case)
    above = list(community_staff(case.community)) if kind == "overdue" else []
    return [*holders, *above]


def _notify(person: User, cases: Sequence[Hazard], kind: str, now: datetime) -> None:
    if len(cases) > SINGLE_NOTICES_MAX:
        context, key = {"cases": cases, "kind": kind}, f"watch:{kind}:{now:%Y%m%d%H%M%S}"
        url = reverse("hazards:queue") + ("?tab=overdue" if kind == "overdue" else "?tab=due")
        notices.send([person], "hazards.staff_many_due", key=key, context=context, url=url)
        return
    for case in cases:
        notices.send(
            [person],
            f"hazards.staff_{kind}",
            key=f"watch:{kind}:{case.pk}:{case.told_due:%Y%m%d%H%M}",
            context={"hazard": case, "due": case.told_due},
            url=case.get_absolute_url(),
            supersedes=True,
        )
