"""The story of a case as lines to read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from hazards.cases import step_words
from hazards.cases.models.hazards import Hazard
from hazards.cases.models.steps import Step
from hazards.cases.transitions import REPORTER


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


def timeline_of(steps: Iterable[Step], hazard: Hazard, *, is_reporter: bool) -> list[TimelineEntry]:
    """The lines of steps of a case, and of the main case it follows; each has `.photo_count` and
    `.voice_seconds`.

    What the main case's reporter wrote is between them and the staff.
    """
    return [
        _entry(step, hazard, is_reporter, step.photo_count, step.voice_seconds) for step in steps
    ]


def entries_of(
    steps: QuerySet[Step], hazard: Hazard, *, is_reporter: bool = False
) -> list[TimelineEntry]:
    """The entries of given steps of a case or of the main case it follows; three queries."""
    return [
        _entry(
            step,
            hazard,
            is_reporter,
            len(step.photos.all()),
            [voice.seconds for voice in step.voices.all()],
        )
        for step in steps.prefetch_related("photos", "voices")
    ]


def _entry(
    step: Step, hazard: Hazard, is_reporter: bool, photo_count: int, voice_seconds: Sequence[float]
) -> TimelineEntry:
    is_own = step.hazard_id == hazard.pk
    case = hazard if is_own else hazard.main
    is_hidden = not is_own and step.by_role == REPORTER
    return TimelineEntry(
        at=step.at,
        verb=step.verb,
        # 「你」 (you) is only who made this report, not whoever made the main one.
        title=step_words.step_title(step, case, is_mine=is_reporter and is_own),
        extras=step_words.step_extras(photo_count, voice_seconds),
        note="" if is_hidden else step.note,
        lost_files=step.lost_files,
    )
