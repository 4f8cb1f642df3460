"""The station that somebody keeps, held while they change it."""

from django.utils.translation import gettext as _

from stations.houses.models import Station
from stations.keeping.access import can_keep
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.models import User


def held(station: Station, *, by: User) -> Station:
    """The station's row, locked, so that two people change it one after the other.

    Raises NotAllowedNowError for somebody who does not keep it.
    """
    row = Station.objects.select_for_update(no_key=True).get(pk=station.pk)
    if not can_keep(by, row):
        raise NotAllowedNowError(_("你不管这个驿站。"))
    return row
