"""The order of a session's waiting list, first come first. Pure: no Django, no database.

The list moves in units: a person alone, or both of a pair. A pair is given two places or none. A
place that the pair in front cannot use goes to the next one alone, and the pair keeps its place.
"""

from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar


class Waiting(Protocol):
    """Somebody on the list; both of a pair carry the same code in `pair`, others none."""

    pk: int
    pair: str


W = TypeVar("W", bound=Waiting)


def units_of(waiting: Iterable[W]) -> list[list[W]]:
    """The units of a list in its order; a pair stands where the first of the two stands."""
    units: dict[str | int, list[W]] = {}
    for one in waiting:
        units.setdefault(one.pair or one.pk, []).append(one)
    return list(units.values())


def units_that_fit(units: Iterable[Sequence[W]], free: int) -> list[Sequence[W]]:
    """The units that are given a place now, where `free` places are left."""
    fitting = []
    for unit in units:
        if len(unit) <= free:
            fitting.append(unit)
            free -= len(unit)
    return fitting


def can_come_at_once(units: Iterable[Sequence[W]], free: int, size: int) -> bool:
    """Whether a new unit of `size` people has a place without waiting.

    There is room for all of them, and nobody on the list can use it.
    """
    return size <= free and not any(len(unit) <= free for unit in units)
