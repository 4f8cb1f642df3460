"""Storing what a unit offers; when its last day ends it is gone from the page."""

from collections.abc import Iterable

from workers.rights.models import JobOffer
from yuanhang.core import editing
from yuanhang.core.models import User


def create(offer: JobOffer, *, by: User) -> JobOffer:
    """Store a new offer; returns it."""
    offer.ends_at = offer.end_of_last_day
    return editing.create(offer, by=by)


def edit(offer: JobOffer, *, by: User, fields: Iterable[str]) -> JobOffer:
    """Store the named fields of an offer; returns it."""
    offer.ends_at = offer.end_of_last_day
    return editing.edit(offer, by=by, fields=fields)
