"""Carries out a transition: locks the row, checks the table, writes the audit trail.

Every change of state of every noun passes through here, so that two people at once get one
success and one explanation.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from yuanhang.core import audit
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.transitions import TransitionTable

__all__ = ["already_handled", "carry_out", "check", "lock_row"]


def already_handled(state_label: Any) -> NotAllowedNowError:
    """The refusal of a transition that the present state does not allow; raised, or shown."""
    return NotAllowedNowError(_("已被他人处理，现在是「%(state)s」。") % {"state": state_label})


def lock_row(row: models.Model) -> Any:
    """The row anew, locked until the transaction ends; rows that refer to it may be written."""
    rows = type(row)._default_manager.select_for_update(of=("self",), no_key=True)
    return rows.get(pk=row.pk)


def check(
    table: TransitionTable, row: Any, verb: str, *, capacity: str = "", refusal: Any = None
) -> str:
    """The state of a locked row, from which the table lets this capacity do `verb`.

    Raises NotAllowedNowError otherwise: somebody else was faster, or the page was old. `refusal`
    replaces the usual sentence.
    """
    if not table[verb].allows(row.state, capacity):
        raise NotAllowedNowError(refusal) if refusal else already_handled(row.get_state_display())
    return row.state


def carry_out(
    table: TransitionTable,
    row: Any,
    verb: str,
    *,
    by: Any,
    capacity: str = "",
    is_locked: bool = False,
    fields: Mapping[str, Any] | None = None,
    change: Callable[[Any, str], None] | None = None,
    parent: models.Model | None = None,
    refusal: Any = None,
) -> Any:
    """Make one transition in one transaction; returns the fresh row, locked until its end.

    `by` is the actor, None for a guest or the system, `capacity` how they meet the row. `fields`
    are set, then `change(row, state_before)` may do what needs the locked row. With `is_locked`
    the caller holds the lock on `row` already. The audit event names `parent` beside the row.
    Raises NotAllowedNowError where the table does not lead from the present state.
    """
    with transaction.atomic():
        fresh = row if is_locked else lock_row(row)
        before = check(table, fresh, verb, capacity=capacity, refusal=refusal)
        fresh.state = table[verb].target_from(fresh, before)
        for name, value in (fields or {}).items():
            setattr(fresh, name, value)
        if change:
            change(fresh, before)
        fresh.save()
        audit.record(
            f"{table.prefix}{verb}",
            fresh,
            by=by,
            role=capacity,
            parent=parent,
            changes={"state": [before, fresh.state]},
        )
    return fresh
