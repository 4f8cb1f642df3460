"""What we promise for a case: due times set, stopped, shifted and extended, in plain words told.

Writes fields of the case in memory; `hazards.cases.cases` saves it with the move.
"""

from datetime import datetime
from typing import Any

from django.utils import timezone

from hazards.catalogue.models import Category, StandardCase, Urgency
from hazards.deadlines import working_time
from hazards.deadlines.models import WorkingSpan
from hazards.deadlines.working_time import Promise
from yuanhang.core.kept_answers import kept


def current_working_time() -> working_time.WorkingTime:
    """The working hours as edited in the admin, else the usual ones; kept until they change."""
    return working_time.WorkingTime(_spans() or working_time.DEFAULT_SPANS)


@kept("hazards_workingspan")
def _spans() -> tuple[tuple[Any, Any], ...]:
    return tuple(WorkingSpan.objects.values_list("opens", "closes"))


def limit_of(hazard: Any) -> Promise:
    """What is promised once a case is taken on: the standard's limit for a thing.

    People and agreements have one promise, by urgency: somebody is in touch, an answer is given.
    """
    kind = hazard.category.kind
    if kind == Category.Kind.AGREEMENT:
        return working_time.REPLY[Urgency(hazard.urgency)]
    if kind == Category.Kind.PERSON or hazard.standard_case is None:
        return working_time.CONTACT[Urgency(hazard.urgency)]
    standard = hazard.standard_case
    return Promise(standard.limit, StandardCase.Unit(standard.unit))


def has_make_safe(hazard: Any) -> bool:
    """Whether there is a place to make safe: only things have the first of the two deadlines."""
    return bool(hazard.category.kind == Category.Kind.THING)


def on_submit(hazard: Any) -> None:
    """A report must be acknowledged in the time its urgency gives."""
    hazard.clock_started_at = hazard.submitted_at
    recount(hazard)


def on_accept(hazard: Any) -> None:
    """Both deadlines start: make safe by urgency, repair by the standard's limit.

    The place is safe no later than it is repaired.
    """
    hazard.clock_started_at = timezone.now()
    recount(hazard)


def recount(hazard: Any) -> None:
    """Every deadline anew from the moment the present clock started: the rule of corrections.

    Another category, standard or urgency counts as if it had been chosen from the start: time
    that passed has passed, standstills stay left out, and granted extensions stay granted. Another
    grid changes no deadline: what was promised to the reporter holds.
    """
    hours, start = current_working_time(), hazard.clock_started_at
    hazard.soon_told_at = hazard.overdue_told_at = None
    if hazard.accepted_at is None:
        hazard.acknowledge_due_at = working_time.acknowledge_by(start, hazard.urgency, hours)
        return
    amount, unit = limit_of(hazard)
    hazard.fix_due_at = working_time.due(start, amount, unit, hours)
    for _time in range(hazard.extensions):
        hazard.fix_due_at = working_time.due(hazard.fix_due_at, amount, unit, hours)
    if not has_make_safe(hazard):
        hazard.secure_due_at = None
    elif not hazard.secured_at:
        secure_due_at = working_time.secure_by(start, hazard.urgency, hours)
        hazard.secure_due_at = min(secure_due_at, hazard.fix_due_at)


def on_answer(hazard: Any, asked_at: datetime) -> None:
    """The time in which the reporter was asked is not the reviewer's."""
    now = timezone.now()
    hazard.clock_started_at += now - asked_at
    hazard.acknowledge_due_at = working_time.shift(
        hazard.acknowledge_due_at,
        asked_at,
        now,
        working_time.ACKNOWLEDGE[Urgency(hazard.urgency)].unit,
        current_working_time(),
    )
    hazard.soon_told_at = hazard.overdue_told_at = None


def on_resume(hazard: Any, stopped_at: datetime) -> None:
    """What was left when the clock stopped is granted anew from now."""
    now, hours = timezone.now(), current_working_time()
    on_return(hazard, stopped_at)
    if hazard.secure_due_at and not hazard.secured_at:
        hazard.secure_due_at = working_time.shift(
            hazard.secure_due_at, stopped_at, now, working_time.SECURE[hazard.urgency].unit, hours
        )


def on_extend(hazard: Any) -> None:
    """The limit once more, counted from the present due time or from now."""
    start = max(hazard.fix_due_at, timezone.now())
    hazard.fix_due_at = working_time.due(start, *limit_of(hazard), current_working_time())
    hazard.extensions += 1
    hazard.soon_told_at = hazard.overdue_told_at = None


def on_return(hazard: Any, since: datetime) -> None:
    """A case that came back takes the time with it that it spent elsewhere (return_case).

    `since` is when it left the hands it returns to.
    """
    now = timezone.now()
    hazard.clock_started_at += now - since
    hazard.fix_due_at = working_time.shift(
        hazard.fix_due_at, since, now, limit_of(hazard).unit, current_working_time()
    )
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
