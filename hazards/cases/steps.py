"""A step of a case: the transition itself, and everything that is stored with it.

One transaction: the row locked, the table checked, a step for the timeline, the files that came
with it, an audit event, and notices to those concerned.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from django.utils import timezone

from hazards.cases import notifications, photo_places
from hazards.cases.attachments import Attachments, attach
from hazards.cases.models.hazards import Hazard
from hazards.cases.models.steps import Step
from hazards.cases.transitions import TRANSITIONS
from yuanhang.core import files
from yuanhang.core.locked_transitions import carry_out
from yuanhang.core.models import User


class Earlier(NamedTuple):
    """Where a case stood before the transition, and since when."""

    state: str
    since: datetime


def joined(reason: str, note: str) -> str:
    """A reason and what was added to it."""
    return f"{reason}\n{note}" if note else reason


def record_step(hazard: Hazard, verb: str, *, by: User | None, role: str, note: str) -> Step:
    """Write down what happened to a case; returns the step."""
    step = step_of(hazard, verb, by=by, role=role, note=note)
    step.save(force_insert=True)
    return step


def step_of(hazard: Hazard, verb: str, *, by: User | None, role: str, note: str) -> Step:
    """What happened to a case, not stored yet."""
    return Step(
        hazard=hazard,
        verb=verb,
        state=hazard.state,
        at=timezone.now(),
        by=by if by is not None and by.is_authenticated else None,
        by_role=role,
        organisation=hazard.organisation if verb == "dispatch" else None,
        rating=hazard.rating if verb == "rate" else None,
        note=note,
    )


def move(
    hazard: Hazard,
    verb: str,
    *,
    by: User | None,
    role: str,
    note: str = "",
    attachments: Attachments | None = None,
    is_repair: bool = False,
    change: Callable[[Hazard, Earlier], None] | None = None,
    **fields: Any,
) -> Hazard:
    """Make one transition of the table and everything that goes with it; returns the fresh case.

    `fields` are set, then `change(case, earlier)` may do what needs the locked row.
    Raises NotAllowedNowError when the table does not lead from the present state: somebody else
    was faster, or the page was old.
    """

    def changed(case: Hazard, state: str) -> None:
        earlier = Earlier(state, case.waiting_since)
        if case.state != state:
            case.waiting_since = timezone.now()
            # In another state it is another's turn.
            case.taken_by = case.taken_until = None
        if change:
            change(case, earlier)

    with files.stored_with_rows() as stored:
        fresh: Hazard = carry_out(
            TRANSITIONS,
            hazard,
            verb,
            by=by,
            capacity=role,
            fields=fields,
            change=changed,
            savepoint=False,
        )
        step = record_step(fresh, verb, by=by, role=role, note=note)
        sent = attachments or Attachments()
        attach(step, sent, stored, is_repair=is_repair)
        photo_places.keep(fresh, step, sent)
        notifications.notify_step(fresh, step)
    return fresh
