"""Several cases at once, by the same verbs as one: each is judged alone, under a lock of its own.

What one case does not allow keeps no other from going through, and every case has its answer.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from hazards.cases import cases, words
from hazards.cases.access import acting_as, can_move, capacities
from hazards.cases.models.hazards import Hazard
from hazards.cases.transitions import TRANSITIONS
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.locked_transitions import already_handled
from yuanhang.core.models import User

CASES_MAX = 50  # a page of the queue
VERBS = ("accept", "merge", "reassign")


@dataclass(frozen=True)
class Answer:
    """What became of one case, in words."""

    hazard: Hazard
    is_done: bool
    words: str


def carry_out(
    verb: str,
    chosen: Iterable[Hazard],
    *,
    by: User,
    arguments: Callable[[Hazard], dict[str, Any]],
) -> list[Answer]:
    """Make one move of each case in its own transaction; the answers in the same order.

    `arguments` gives the verb's for a case, and raises NotAllowedNowError where there are none.
    """
    answers = []
    for hazard in chosen:
        try:
            moved = _move(verb, hazard, by, arguments)
        except NotAllowedNowError as refused:
            answers.append(Answer(hazard, False, str(refused.message)))
        else:
            answers.append(Answer(moved, True, words.transition_done(verb, moved)))
    return answers


def _move(verb, hazard, by, arguments):
    if not can_move(by, hazard, verb):
        raise NotAllowedNowError(_("不归你办，没有动。"))
    transition = TRANSITIONS[verb]
    if hazard.state not in transition.sources:
        raise already_handled(words.state_label(hazard))
    role = acting_as(transition, hazard.state, capacities(by, hazard))
    return cases.VERBS[verb](hazard, by=by, role=role, **arguments(hazard))
