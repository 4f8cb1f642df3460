"""Whether a case has what many have none of, so that its page need not ask for it."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from hazards.cases.models.hazards import Hazard
from hazards.cases.models.row_questions import first_of
from yuanhang.core.worded import worded


def with_flags(cases: QuerySet[Hazard]) -> QuerySet[Hazard]:
    """With whether there are relatives, words of passers-by, pictures and voices.

    `has_family`, `has_sightings`, `has_photos`, `has_voices`.
    """
    return cases.annotate(
        has_family=_family(Hazard),
        has_photos=_photo(Hazard),
        has_voices=_voice(Hazard),
        has_sightings=_sighting(Hazard),
    )


@worded("id")
def _family(model):
    rows = model.objects.filter(Q(main=OuterRef("id")) | Q(split_from=OuterRef("id")))
    return Exists(rows.order_by())


@worded("id")
def _photo(model):
    return first_of(model.photos)


@worded("id")
def _voice(model):
    return first_of(model.voices)


@worded("id")
def _sighting(model):
    return first_of(model.sightings)
