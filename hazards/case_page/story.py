"""What hangs on a case, for its page: steps, pictures, voice notes, relatives, passers-by's words.

One question for all of it, whose words are kept: most cases have little of most kinds.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from hazards.cases.models.attachments import HazardPhoto, HazardVoice
from hazards.cases.models.hazards import Hazard
from hazards.cases.models.steps import Step
from hazards.cases.transitions import TO_FOLLOWERS, TRANSITIONS
from hazards.sightings.models import Sighting
from yuanhang.core.gathered import Kind
from yuanhang.core.worded import worded

STEPS = Kind(
    Step,
    *("hazard", "verb", "state", "at", "by_role", "rating", "note", "lost_files"),
    *("organisation", "organisation__name"),
    extra=("photo_count", "voice_seconds"),
)
PHOTOS = Kind(
    HazardPhoto,
    *("hazard", "step", "is_repair", "is_public", "width", "height", "created_at"),
    *("step__at", "step__by_role"),
)
VOICES = Kind(
    HazardVoice,
    *("hazard", "step", "seconds", "wave", "created_at", "gist", "gist_at"),
    *("audio", "is_unreadable"),
    *("gist_by", "gist_by__display_name"),
)
RELATIVES = Kind(
    Hazard,
    *("number", "receipt_token", "state", "place", "latitude", "longitude", "submitted_at"),
    *("reporter", "main", "split_from"),
    *("category", "category__name", "category__kind", "grid", "grid__name"),
)
WORDS = Kind(Sighting, "hazard", "by", "says", "at", "reopened", "after_closing")


@dataclass(frozen=True)
class Story:
    """The parts of one case as a viewer may know them, each in the order of its page.

    `followers` are cases merged into it, `parts` those that one report became. `words` are those
    of passers-by about the case and what follows it, of whatever phase: only staff read them.
    """

    steps: Sequence[Step]
    photos: Sequence[HazardPhoto]
    voices: Sequence[HazardVoice]
    followers: Sequence[Hazard]
    parts: Sequence[Hazard]
    words: Sequence[Sighting]


def story_of(hazard: Hazard, *, staff: bool, is_reporter: bool) -> Story:
    """The story of a case; one query.

    Pictures and voice notes of the cases merged into it are for `staff` alone. Whoever reported a
    case that follows another (`is_reporter`) reads the main one's steps, too, and sees its repair.
    """
    asked = (_steps, _photos, _voices, _relatives, _words)
    columns = [question(Hazard, staff, is_reporter) for question in asked]
    row = Hazard.objects.filter(pk=hazard.pk).order_by().values_list(*columns).get()
    kinds = (STEPS, PHOTOS, VOICES, RELATIVES, WORDS)
    steps, photos, voices, related, words = (
        kind.rows(found) for kind, found in zip(kinds, row, strict=True)
    )
    return Story(
        steps=steps,
        photos=photos,
        voices=voices,
        followers=[case for case in related if case.main_id == hazard.pk],
        parts=[case for case in related if case.main_id != hazard.pk],
        words=words,
    )


@worded("id", "main_id")
def _steps(_model, _staff, is_reporter):
    steps = Step.objects.filter(hazard=OuterRef("id"))
    if is_reporter:
        followed = sorted(TRANSITIONS.notifying(TO_FOLLOWERS))
        steps = Step.objects.filter(
            Q(hazard=OuterRef("id")) | Q(hazard=OuterRef("main_id"), verb__in=followed)
        )
    photos = HazardPhoto.objects.filter(step=OuterRef("pk")).order_by().values("step")
    voices = HazardVoice.objects.filter(step=OuterRef("pk")).order_by("id").values("seconds")
    # How many came with a step is said also to whom they are not shown.
    steps = steps.annotate(
        photo_count=Coalesce(Subquery(photos.annotate(n=Count("pk")).values("n")), 0),
        voice_seconds=ArraySubquery(voices),
    )
    return STEPS.of(steps.order_by("id"))


def _cases(staff, *, with_main=False):
    """The keys of the cases whose files somebody may know: a part of a question, two levels in.

    Which cases first: the same as an OR beside the files reads every picture there is.
    """
    seen = Q(pk=OuterRef(OuterRef("id")))
    if staff:
        seen |= Q(main=OuterRef(OuterRef("id")))
    if with_main:
        seen |= Q(pk=OuterRef(OuterRef("main_id")))
    return Hazard.objects.filter(seen).order_by().values("pk")


@worded("id", "main_id")
def _photos(_model, staff, _is_reporter):
    photos = HazardPhoto.objects.filter(hazard__in=_cases(staff, with_main=True))
    # Whoever follows a main case sees its repair, and no other picture of it.
    own = Q(hazard=OuterRef("id")) | Q(hazard__main=OuterRef("id")) | Q(is_repair=True)
    return PHOTOS.of(photos.filter(own).order_by("id"))


@worded("id")
def _voices(_model, staff, _is_reporter):
    return VOICES.of(HazardVoice.objects.filter(hazard__in=_cases(staff)).order_by("id"))


@worded("id", "split_from_id")
def _relatives(_model, _staff, _is_reporter):
    related = (
        Q(main=OuterRef("id")) | Q(split_from=OuterRef("id")) | Q(pk=OuterRef("split_from_id"))
    )
    return RELATIVES.of(Hazard.objects.filter(related).order_by("id"))


@worded("id")
def _words(_model, staff, _is_reporter):
    return WORDS.of(Sighting.objects.filter(hazard__in=_cases(staff)).order_by("at"))
