"""One case in its line: which it is of how many, and which comes next under the same filters."""

from dataclasses import dataclass

from django.db.models import QuerySet

from hazards.cases.models.hazards import Hazard

LINE_MAX = 100  # cases that are counted off; who works through more comes back to the first


@dataclass(frozen=True)
class Place:
    """「第 1 件，共 7 件」 and the number of the next case; `at` is 0 once a case left the line."""

    at: int
    count: str
    following: str


def place_of(number: str, line: list[str], then: str = "", *, is_cut: bool = False) -> Place:
    """The place of a case among the numbers of a line; `is_cut` where there are more than these.

    A case that was just moved may stand elsewhere or nowhere by now: `then` is the one that stood
    behind it. At the end the first one of the line is next.
    """
    count = str(len(line)) if len(line) < LINE_MAX else f"{LINE_MAX - 1}+"
    count = f"{len(line)}+" if is_cut else count
    at = line.index(number) + 1 if number in line else 0
    others = [one for one in line if one != number]
    if then in others:
        following = then
    elif at and at < len(line):
        following = line[at]
    else:
        following = others[0] if others else ""
    return Place(at, count, following)


def numbers_of(hazards: QuerySet[Hazard], columns: tuple[str, ...]) -> list[str]:
    """The numbers of the first cases of a line, in order."""
    return list(hazards.order_by(*columns).values_list("number", flat=True)[:LINE_MAX])
