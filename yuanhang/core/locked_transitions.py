"""Carries out a transition: locks the row, checks the table, writes the audit trail.

Every change of state of every noun passes through here, so that two people at once get one
success and one explanation.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from yuanhang.core import audit
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.models import AuditEvent
from yuanhang.core.transitions import NOTHING, TransitionTable


def already_handled(state_label: Any) -> NotAllowedNowError:
    """The refusal of a transition that the present state does not allow; raised, or shown."""
    return NotAllowedNowError(_("已被他人处理，现在是「%(state)s」。") % {"state": state_label})


def lock_row(row: Any, lasting: tuple[str, ...] = ()) -> Any:
    """The row anew, locked until the transaction ends; rows that refer to it may be written.

    What the foreign keys `lasting` lead to is taken over from `row`. Nothing is joined: whoever had
    to wait for the lock would get what stood there before.
    """
    rows = type(row)._default_manager.select_for_update(of=("self",), no_key=True)
    fresh = rows.get(pk=row.pk)
    hand_down(row, fresh, lasting)
    return fresh


def hand_down(row: Any, fresh: Any, lasting: tuple[str, ...]) -> None:
    """Let a row read anew keep what these foreign keys lead to, where it is still the same."""
    for name in lasting:
        field = row._meta.get_field(name)
        is_same = getattr(row, field.attname) == getattr(fresh, field.attname)
        if is_same and field.is_cached(row):
            field.set_cached_value(fresh, field.get_cached_value(row))


def check(
    table: TransitionTable, row: Any, verb: str, *, capacity: str = "", refusal: Any = None
) -> str:
    """The state of a locked row, from which the table lets this capacity do `verb`.

    Raises NotAllowedNowError otherwise: somebody else was faster, or the page was old. `refusal`
    replaces the usual sentence.
    """
    state = NOTHING if row._state.adding else table.state_of(row)
    if not table[verb].allows(state, capacity):
        raise NotAllowedNowError(refusal) if refusal else already_handled(table.label_of(row))
    return state


def carry_out(
    table: TransitionTable,
    row: Any,
    verb: str,
    *,
    by: Any = None,
    capacity: str = "",
    is_locked: bool = False,
    target: str = "",
    fields: Mapping[str, Any] | None = None,
    change: Callable[[Any, str], None] | None = None,
    store: Callable[[Any], None] | None = None,
    about: Any = None,
    parent: models.Model | None = None,
    refusal: Any = None,
    savepoint: bool = True,
    beside: Sequence[AuditEvent] = (),
) -> Any:
    """Make one transition in one transaction; returns the fresh row, locked until its end.

    `by` is the actor, None for a guest or the system, `capacity` how they meet the row. `target`
    chooses where the table leaves a choice. `fields` are set, then `change(row, state_before)`
    may do what needs the locked row. With `is_locked` the caller holds the lock on `row`, or on
    what stands for it; a row not stored yet is stored. `store` does something else than saving
    the row, such as forgetting it. The audit event is about the row, or about
    what `about(row)` gives, under `parent`. Without a `savepoint` a refusal takes back the
    caller's transaction as well, if there is one. `beside` are other events of the same deed,
    which stand in the trail before it; `change` may still add some.
    Raises NotAllowedNowError where the table does not lead from the present state, with `refusal`
    as its sentence where one is given.
    """
    with transaction.atomic(savepoint=savepoint):
        fresh = row if is_locked or row._state.adding else lock_row(row, table.lasting)
        before = check(table, fresh, verb, capacity=capacity, refusal=refusal)
        after = table[verb].target_from(fresh, before, target)
        table.set_state(fresh, after)
        for name, value in (fields or {}).items():
            setattr(fresh, name, value)
        if change:
            change(fresh, before)
        is_new = fresh._state.adding
        if is_new:
            fresh.save(force_insert=True)
        target_row, states = about(fresh) if about else fresh, {"state": [before, after]}
        facts = {"by": by, "role": capacity, "parent": parent, "changes": states}
        audit.record_all([*beside, audit.event(f"{table.prefix}{verb}", target_row, **facts)])
        if not is_new:
            (store or type(fresh).save)(fresh)
    return fresh
