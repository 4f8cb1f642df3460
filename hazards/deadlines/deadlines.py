"""What we promise for a case: due times set, stopped, shifted and extended, in plain words told.

Writes fields of the case in memory; `hazards.cases.cases` saves it with the move.
"""

from datetime import datetime
from typing import Any

from django.utils import timezone

from hazards.deadlines import working_time
from hazards.deadlines.models import WorkingSpan


def current_working_time() -> working_time.WorkingTime:
    """The working hours as edited in the admin, else the usual ones; one query."""
    spans = tuple(WorkingSpan.objects.values_list("opens", "closes"))
    return working_time.WorkingTime(spans or working_time.DEFAULT_SPANS)


def on_submit(hazard: Any) -> None:
    """A report must be acknowledged in the time its urgency gives."""
    hazard.acknowledge_due_at = working_time.acknowledge_by(
        hazard.submitted_at, hazard.urgency, current_working_time()
    )


def on_accept(hazard: Any) -> None:
    """Both deadlines start: make safe by urgency, repair by the standard's limit.

    The place is safe no later than it is repaired.
    """
    now, hours = timezone.now(), current_working_time()
    standard = hazard.standard_case
    hazard.fix_due_at = working_time.due(now, standard.limit, standard.unit, hours)
    hazard.secure_due_at = min(
        working_time.secure_by(now, hazard.urgency, hours), hazard.fix_due_at
    )
    hazard.soon_told_at = hazard.overdue_told_at = None


def on_resume(hazard: Any, stopped_at: datetime) -> None:
    """What was left when the clock stopped is granted anew from now."""
    now, hours = timezone.now(), current_working_time()
    unit = hazard.standard_case.unit
    hazard.fix_due_at = working_time.shift(hazard.fix_due_at, stopped_at, now, unit, hours)
    if not hazard.secured_at:
        hazard.secure_due_at = working_time.shift(
            hazard.secure_due_at, stopped_at, now, working_time.SECURE[hazard.urgency].unit, hours
        )
    hazard.soon_told_at = hazard.overdue_told_at = None


def on_extend(hazard: Any) -> None:
    """The standard's limit once more, counted from the present due time or from now."""
    standard = hazard.standard_case
    start = max(hazard.fix_due_at, timezone.now())
    hazard.fix_due_at = working_time.due(
        start, standard.limit, standard.unit, current_working_time()
    )
    hazard.extensions += 1
    hazard.soon_told_at = hazard.overdue_told_at = None


def on_return(hazard: Any, since: datetime) -> None:
    """A case that came back takes the time with it that it spent elsewhere (return_case).

    `since` is when it left the hands it returns to.
    """
    now, hours = timezone.now(), current_working_time()
    unit = hazard.standard_case.unit
    hazard.fix_due_at = working_time.shift(hazard.fix_due_at, since, now, unit, hours)
    hazard.soon_told_at = hazard.overdue_told_at = None


def on_reopen(hazard: Any) -> None:
    """The clock starts again under the same standard; the make-safe deadline, too."""
    hazard.secured_at = None
    hazard.extensions = 0
    on_accept(hazard)


def calendar_is_known(hazard: Any) -> bool:
    """Whether the published calendar covers the repair's due time; staff are warned if not."""
    return hazard.fix_due_at is None or working_time.WorkingTime(working_time.DEFAULT_SPANS).knows(
        timezone.localtime(hazard.fix_due_at).date()
    )
