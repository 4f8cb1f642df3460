"""The transition table of a noun: which verb leads from which states to which, and by whom.

A table is data: page buttons, admin buttons, the permission test and the documentation read it.
It holds keys; what a button says and what a page says when it is done is in the noun's `words.py`.
`carry_out` in `core.locked_transitions` makes the moves.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

# The target of a transition that changes something else than the state.
SAME = "<same>"
# The source of a verb that makes the row.
NOTHING = "<nothing>"


@dataclass(frozen=True)
class Transition:
    """One row of a table.

    `target` is a state, `SAME`, a state for each source, a function of the row that says it under
    the lock, or a tuple of states from which the verb chooses. `actors` are the capacities that
    may; an empty tuple leaves that to the predicates of the noun's `access`. `only` narrows them
    for single sources. `notifies` names who is told, in words that the noun's
    `notifications` understands.
    """

    verb: str
    sources: tuple[str, ...]
    target: str | tuple[str, ...] | Mapping[str, str] | Callable[[Any], str]
    actors: tuple[str, ...] = ()
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    notifies: tuple[str, ...] = ()

    @property
    def slug(self) -> str:
        return self.verb.replace("_", "-")

    def actors_from(self, state: str) -> tuple[str, ...]:
        """The capacities that may make this transition from a state."""
        return self.only.get(state, self.actors)

    def allows(self, state: str, capacity: str = "") -> bool:
        """Whether the table leads from `state`, and lets this capacity do it where it asks."""
        actors = self.actors_from(state)
        return state in self.sources and (not actors or capacity in actors)

    def target_from(self, row: Any, state: str, chosen: str = "") -> str:
        """The state after this transition of `row`, which is in `state` now.

        `chosen` is the verb's choice where the table leaves one. Raises ValueError for a state to
        which the table does not lead.
        """
        if isinstance(self.target, tuple):
            if chosen not in self.target:
                raise ValueError(f"{self.verb} does not lead to {chosen!r}")
            return chosen
        if callable(self.target):
            return self.target(row)
        if isinstance(self.target, Mapping):
            return self.target[state]
        return state if self.target == SAME else self.target


def _state(row: Any) -> str:
    return row.state


def _set_state(row: Any, state: str) -> None:
    row.state = state


def _state_label(row: Any) -> Any:
    return row.get_state_display()


class TransitionTable(Mapping[str, Transition]):
    """The transitions of one noun by verb, in the order in which their buttons stand.

    `prefix` begins the kinds of its audit events: `hazards.` and the verb. A noun whose state
    follows from other columns says how it is read (`state_of`), written (`set_state`) and called
    (`label_of`). `lasting` names the foreign keys to what no transition asks for anew: a row that
    is read under the lock takes them over from the row at hand, where they lead to the same.
    """

    def __init__(
        self,
        prefix: str,
        transitions: Collection[Transition],
        *,
        state_of: Callable[[Any], str] = _state,
        set_state: Callable[[Any, str], None] = _set_state,
        label_of: Callable[[Any], Any] = _state_label,
        lasting: tuple[str, ...] = (),
    ) -> None:
        self.prefix, self.lasting = prefix, lasting
        self.state_of, self.set_state, self.label_of = state_of, set_state, label_of
        self._by_verb = {transition.verb: transition for transition in transitions}
        if len(self._by_verb) != len(transitions):
            raise ValueError("a verb stands twice in the table")
        self.by_slug = {transition.slug: transition for transition in transitions}

    def __getitem__(self, verb: str) -> Transition:
        return self._by_verb[verb]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_verb)

    def __len__(self) -> int:
        return len(self._by_verb)

    def leading_from(self, state: str) -> list[Transition]:
        """The transitions that a state allows, whoever asks."""
        return [transition for transition in self.values() if state in transition.sources]

    def notifying(self, whom: str) -> set[str]:
        """The verbs of which `whom` is told."""
        return {verb for verb, transition in self.items() if whom in transition.notifies}
