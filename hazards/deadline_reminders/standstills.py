"""What stands still and must not be forgotten: questions nobody answered, days that have come.

Each row is claimed by a conditional update before anybody is told, so two runs at once tell once.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from hazards.cases import notifications
from hazards.cases.models.hazards import DECIDE_AFTER, Hazard
from hazards.cases.states import State

REMIND_AFTER = timedelta(hours=24)
CASES_A_RUN = 500


def look_after_standstills() -> dict[str, int]:
    """Remind reporters after a day, ask reviewers to decide after a week, tell the centre of days.

    Returns how many of each.
    """
    now = timezone.now()
    asked = Hazard.objects.filter(state=State.NEEDS_INFO)
    waiting = asked.filter(question_reminded_at=None, waiting_since__lte=now - REMIND_AFTER)
    expired = asked.filter(question_expired_at=None, waiting_since__lte=now - DECIDE_AFTER)
    over = Hazard.objects.filter(
        state=State.SUSPENDED, suspended_until__lte=timezone.localdate(), soon_told_at=None
    )
    return {
        "reminded": _each(waiting, "question_reminded_at", now, notifications.remind_of_question),
        "expired": _each(expired, "question_expired_at", now, notifications.ask_to_decide),
        "over": _each(over, "soon_told_at", now, notifications.notify_suspension_over),
    }


@transaction.atomic
def _each(
    cases: QuerySet[Hazard], stamp: str, now: datetime, tell: Callable[[Hazard], None]
) -> int:
    count = 0
    related = cases.select_related("category", "grid", "community", "subdistrict", "reporter")
    for case in related.order_by("id")[:CASES_A_RUN]:
        unclaimed = Hazard.objects.filter(pk=case.pk, state=case.state, **{stamp: None})
        if unclaimed.update(**{stamp: now}):
            tell(case)
            count += 1
    return count
