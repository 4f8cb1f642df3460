"""The story of a case as lines to read."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from hazards.cases import words
from hazards.cases.models.hazards import Hazard
from hazards.cases.models.steps import Step
from hazards.cases.transitions import REPORTER, TO_FOLLOWERS, TRANSITIONS


@dataclass(frozen=True)
class TimelineEntry:
    """One step: when, what happened, what came with it, and what was said."""

    at: datetime
    verb: str
    title: str
    extras: str
    note: str


def timeline_of(hazard: Hazard, *, is_reporter: bool) -> list[TimelineEntry]:
    """The steps of a case, oldest first; a follower reads those of the main case, too.

    Three queries. What the main case's reporter wrote is between them and the staff.
    """
    steps = Step.objects.filter(hazard=hazard)
    if hazard.main_id and is_reporter:
        followed = TRANSITIONS.notifying(TO_FOLLOWERS)
        steps = steps | Step.objects.filter(hazard=hazard.main_id, verb__in=followed)
    steps = steps.select_related("by", "organisation").prefetch_related("photos", "voices")
    return entries_of(steps.order_by("id"), hazard, is_reporter=is_reporter)


def entries_of(
    steps: Iterable[Step], hazard: Hazard, *, is_reporter: bool = False
) -> list[TimelineEntry]:
    """The entries of given steps of a case or of the main case it follows."""
    return [_entry(step, hazard, is_reporter) for step in steps]


def _entry(step: Step, hazard: Hazard, is_reporter: bool) -> TimelineEntry:
    is_own = step.hazard_id == hazard.pk
    case = hazard if is_own else hazard.main
    is_hidden = not is_own and step.by_role == REPORTER
    return TimelineEntry(
        at=step.at,
        verb=step.verb,
        # 「你」 (you) is only who made this report, not whoever made the main one.
        title=words.step_title(step, case, is_mine=is_reporter and is_own),
        extras=words.step_extras(step),
        note="" if is_hidden else step.note,
    )
