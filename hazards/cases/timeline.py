"""The story of a case as lines to read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from hazards.cases import words
from hazards.cases.models.attachments import HazardPhoto, HazardVoice
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
    # How many files came with it and were not stored: the disk was full.
    lost_files: int = 0


def timeline_of(
    hazard: Hazard,
    *,
    is_reporter: bool,
    photos: Sequence[HazardPhoto] = (),
    voices: Sequence[HazardVoice] = (),
) -> list[TimelineEntry]:
    """The steps of a case, oldest first; a follower reads those of the main case, too.

    `photos` and `voices` are all files of the case, which its page has read anyway: one query.
    Three for a follower. What the main case's reporter wrote is between them and the staff.
    """
    steps = Step.objects.filter(hazard=hazard)
    if hazard.main_id and is_reporter:
        followed = TRANSITIONS.notifying(TO_FOLLOWERS)
        steps = steps | Step.objects.filter(hazard=hazard.main_id, verb__in=followed)
    steps = steps.select_related("by", "organisation").order_by("id")
    if hazard.main_id and is_reporter:
        return entries_of(steps, hazard, is_reporter=is_reporter)
    return [
        _entry(step, hazard, is_reporter, _of(step, photos), _of(step, voices)) for step in steps
    ]


def entries_of(
    steps: QuerySet[Step], hazard: Hazard, *, is_reporter: bool = False
) -> list[TimelineEntry]:
    """The entries of given steps of a case or of the main case it follows; three queries."""
    return [
        _entry(step, hazard, is_reporter, step.photos.all(), step.voices.all())
        for step in steps.prefetch_related("photos", "voices")
    ]


def _of(step: Step, files: Iterable[Any]) -> list[Any]:
    return [file for file in files if file.step_id == step.pk]


def _entry(
    step: Step, hazard: Hazard, is_reporter: bool, photos: Sequence[Any], voices: Sequence[Any]
) -> TimelineEntry:
    is_own = step.hazard_id == hazard.pk
    case = hazard if is_own else hazard.main
    is_hidden = not is_own and step.by_role == REPORTER
    return TimelineEntry(
        at=step.at,
        verb=step.verb,
        # 「你」 (you) is only who made this report, not whoever made the main one.
        title=words.step_title(step, case, is_mine=is_reporter and is_own),
        extras=words.step_extras(photos, voices),
        note="" if is_hidden else step.note,
        lost_files=step.lost_files,
    )
