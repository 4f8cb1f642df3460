"""What a list asks of each case's photos, voice and grid, worded once."""

from django.db.models import Count, Exists, OuterRef, Subquery

from stations.postings.access import grids_held
from yuanhang.core.worded import worded


@worded("grid_id")
def grid_is_held(_model, day):
    """Whether somebody present holds the case's grid on a day."""
    return Exists(grids_held(day).filter(grid=OuterRef("grid_id")))


@worded("id")
def first_photo(model):
    """The key of the first picture of the hazard itself."""
    return first_of(model.photos, is_repair=False)


@worded("id")
def photo_count(model):
    """The number of pictures; nothing where there is none."""
    rows = _of(model.photos).order_by().values("hazard").annotate(n=Count("pk"))
    return Subquery(rows.values("n"))


@worded("id")
def voice_seconds(model):
    """The length of the first note."""
    return Subquery(_of(model.voices).order_by("pk").values("seconds")[:1])


def _of(relation, **conditions):
    rows = relation.rel.related_model.objects
    return rows.filter(hazard=OuterRef("id"), **conditions)


def first_of(relation, **conditions):
    """The key of a case's first row behind a relation of its model, or nothing."""
    # Where a whole table was asked for EXISTS, it was read whole: PostgreSQL makes a hash of what
    # many rows ask for, and takes a page for all that it is cut from.
    return Subquery(_of(relation, **conditions).order_by("pk").values("pk")[:1])
