"""What those in charge see beside a case: where it is, who repairs it, and the verbs at hand."""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import Any

from hazards.cases import handover_sheet
from hazards.cases.foretelling import accepted_as
from hazards.cases.models.hazards import Hazard
from hazards.cases.place_map import place_map_of
from hazards.cases.standards import unit_of

BESIDE_MAX = 3  # verbs that stand in the bar beside the first; the others are under 更多


@dataclass(frozen=True)
class Bar:
    """The verbs under a case: the one to do now, a few beside it, and the rest."""

    first: Any = None
    beside: Sequence[Any] = field(default_factory=tuple)
    more: Sequence[Any] = field(default_factory=tuple)


def of(hazard: Hazard, offered: Sequence[Any], preview: Any) -> dict[str, Any]:
    """The context of the staff's side of a case; `offered` are its moves, each with its form."""
    # A correction is among them while its form comes back.
    moves = [move for move in offered if move.group != "lease" and move.has_staff_form]
    # Of a case at its end nothing is to be done now.
    first = moves[0] if moves and hazard.is_open else None
    others = moves[1:] if first else moves
    # Where something looks the same, merging has a button of its own beside it.
    others.sort(key=lambda move: move.verb == "merge")
    standards = _standards_of(first)
    told = {}
    if first and first.verb == "accept" and preview is None:
        told = _promise(hazard, first.form)
    return {
        "bar": Bar(first, others[:BESIDE_MAX], others[BESIDE_MAX:]),
        "unit": unit_of(hazard, standards),
        "map": place_map_of(hazard),
        "repair_text": handover_sheet.repair_text(hazard) if hazard.is_open else "",
    } | told


def _standards_of(move):
    """The standards that the first move offers, or the one that was chosen there.

    They were read once with the form, for all that asks for them.
    """
    choice = move.form.fields.get("standard_case") if move else None
    if choice is None:
        return ()
    chosen = getattr(move.form, "cleaned_data", {}).get("standard_case")
    if chosen is None:
        return choice.offered
    # As it was offered, with its unit; what is offered is everybody's.
    rows = [copy(row) for row in choice.offered if row.pk == chosen.pk]
    for row in rows:
        row.fits = True
    return rows


def _promise(hazard, form):
    """What acceptance under the preselected standard promises; nothing before one is chosen."""
    choice = form.fields.get("standard_case")
    standard = choice.initial if choice else None
    if form.is_bound or (choice and standard is None):
        return {}
    told = accepted_as(hazard, standard)
    return {"promised": told.case, "promised_told": told.notice}
