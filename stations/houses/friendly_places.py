"""Friendly places: entered with what they offer, and listed once somebody there has agreed."""

import secrets
from collections.abc import Collection, Iterable

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from stations.houses.models import Facility, FriendlyPlace, Zone
from yuanhang.core import editing
from yuanhang.core.erasures import erasures
from yuanhang.core.models import User


@transaction.atomic
def create(place: FriendlyPlace, kinds: Collection[str], *, by: User) -> FriendlyPlace:
    """Store a new place with what it offers (values of `Facility.Kind`); it names itself."""
    # Names are Chinese and change; an address on paper does not.
    place.slug = f"p{secrets.token_hex(4)}"
    editing.create(place, by=by)
    _furnish(place, kinds)
    return place


@transaction.atomic
def edit(
    place: FriendlyPlace, kinds: Collection[str], *, by: User, fields: Iterable[str]
) -> FriendlyPlace:
    """Store a changed place; what it offers no longer goes, with what was said of it."""
    editing.edit(place, by=by, fields=fields)
    _furnish(place, kinds)
    return place


def offered_by(place: FriendlyPlace) -> list[str]:
    """The kinds of what it has."""
    rows = Facility.objects.filter(zone__station_id=place.pk)
    return list(rows.values_list("kind", flat=True))


def _furnish(place, kinds):
    zone = place.zones.first() or Zone.objects.create(station_id=place.pk, name=_("店里"))
    rows = {row.kind: row for row in Facility.objects.filter(zone__station_id=place.pk)}
    for order, kind in enumerate(Facility.SEALS):
        if kind in kinds and kind not in rows:
            Facility.objects.create(
                zone=zone,
                kind=kind,
                seal=Facility.SEALS[kind],
                name=Facility.Kind(kind).label,
                order=order,
                checked_at=timezone.now(),
                checked_as="community_staff",
            )
    for kind, row in rows.items():
        if kind not in kinds:
            erasures.delete(row)
