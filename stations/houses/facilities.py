"""What becomes of a facility: put up, changed, looked at, taken away."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from stations.houses.models import Facility
from yuanhang.core import audit, editing
from yuanhang.core.models import User

# In the admin; a role as posts call it.
STAFF = "community_staff"


def create(facility: Facility, *, by: User) -> Facility:
    """Store a new facility; whoever sets its condition has looked."""
    facility.checked_at, facility.checked_as = timezone.now(), STAFF
    return editing.create(facility, by=by)


def edit(facility: Facility, *, by: User, fields: Iterable[str]) -> Facility:
    """Store the named fields of a facility; a new condition counts as a look."""
    if "condition" in fields:
        facility.checked_at, facility.checked_as = timezone.now(), STAFF
    return editing.edit(facility, by=by, fields=fields)


@transaction.atomic
def check(facilities: Iterable[Facility], *, by: User) -> int:
    """Somebody walked round and found these as they are written down; returns how many."""
    keys = [facility.pk for facility in facilities]
    now = timezone.now()
    rows = Facility.objects.filter(pk__in=keys)
    count = rows.update(checked_at=now, updated_at=now, checked_as=STAFF)
    audit.record("stations.check_facilities", None, by=by, changes={"facilities": count})
    return count
