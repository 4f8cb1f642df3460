"""A step of a case: the transition itself, and everything that is stored with it.

One transaction: the row locked, the table checked, a step for the timeline, the files that came
with it, an audit event, and notices to those concerned.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from django.utils import timezone

from hazards.cases import notifications, photo_places
from hazards.cases.attachments import Attachments, attach
from hazards.cases.models.hazards import Hazard
from hazards.cases.models.steps import Step
from hazards.cases.signals import case_moved
from hazards.cases.states import State
from hazards.cases.transitions import TRANSITIONS, UNIT
from stations.postings.models import Organisation
from yuanhang.core import files
from yuanhang.core.locked_transitions import carry_out, hand_down
from yuanhang.core.models import AuditEvent, User


class Earlier(NamedTuple):
    """Where a case stood before the transition, since when, and at which unit."""

    state: str
    since: datetime
    organisation: Organisation | None = None


def joined(reason: str, note: str) -> str:
    """A reason and what was added to it."""
    return f"{reason}\n{note}" if note else reason


@dataclass
class Beside:
    """What a move stores for a case that it makes: events, first steps, and the files of these."""

    events: list[AuditEvent] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    files: Attachments = field(default_factory=Attachments)


def step_of(hazard: Hazard, verb: str, *, by: User | None, role: str, note: str) -> Step:
    """What happened to a case, not stored yet; of a dispatch and of the unit's deeds with the
    unit."""
    unit = hazard.organisation if verb == "dispatch" else None
    if role == UNIT:
        unit = hazard.earlier.organisation
    return Step(
        hazard=hazard,
        verb=verb,
        state=hazard.state,
        at=timezone.now(),
        by=by if by is not None and by.is_authenticated else None,
        by_role=role,
        organisation=unit,
        rating=hazard.rating if verb == "rate" else None,
        note=note,
    )


def record_step(hazard: Hazard, verb: str, *, by: User | None, role: str, note: str) -> Step:
    """Write down what happened to a case; returns the step."""
    step = step_of(hazard, verb, by=by, role=role, note=note)
    step.save(force_insert=True)
    return step


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
    hold: Callable[[], Hazard] | None = None,
    beside: Beside | None = None,
    store: Callable[[Hazard], None] | None = None,
    **fields: Any,
) -> Hazard:
    """Make one transition of the table and everything that goes with it; returns the fresh case.

    `fields` are set, then `change(case, earlier)` may do what needs the locked row. `hold()` locks
    it together with others, in an order of its own, and gives it. What `change` puts `beside` is
    stored and told with the rest. `store` does something else than saving the case.
    Raises NotAllowedNowError when the table does not lead from the present state.
    """
    others = beside or Beside()
    with files.stored_with_rows() as stored:
        held = hold() if hold else None
        if held is not None:
            hand_down(hazard, held, TRANSITIONS.lasting)
        fresh: Hazard = carry_out(
            TRANSITIONS,
            held or hazard,
            verb,
            by=by,
            capacity=role,
            fields=fields,
            change=partial(_enter, change),
            is_locked=held is not None,
            savepoint=False,
            beside=others.events,
            store=store,
        )
        step = step_of(fresh, verb, by=by, role=role, note=note)
        Step.objects.bulk_create([*others.steps, step])
        sent = attachments or Attachments()
        attach(step, sent, stored, is_repair=is_repair)
        for first in others.steps:
            attach(first, others.files, stored)
        photo_places.keep(fresh, step, sent)
        notifications.notify_step(fresh, step, *others.steps)
        case_moved.send(Hazard, hazard=fresh, step=step, before=fresh.earlier.state)
    return fresh


def _enter(change: Callable[[Hazard, Earlier], None] | None, case: Hazard, state: str) -> None:
    """What every move does to the locked row, which was in `state`, and what its verb does."""
    unit = case.organisation if state == State.DISPATCHED else None
    earlier = case.earlier = Earlier(state, case.waiting_since, unit)
    if case.state != state:
        case.waiting_since = timezone.now()
        # In another state it is another's turn.
        case.taken_by = case.taken_until = case.time_asked_until = None
    if change:
        change(case, earlier)
