"""Who keeps a station: its keeper, the staff of its community, administrators."""

from stations.houses.models import Station
from stations.postings.access import Viewer, scope_of
from stations.postings.models import Posting


def can_keep(user: Viewer, station: Station) -> bool:
    """Whether this person may say how the station is, and when it is open."""
    if not user.is_authenticated:
        return False
    scope = scope_of(user)
    return (
        user.is_superuser
        or station.pk in scope.stations
        or station.community_id in scope.communities
    )


def capacity_of(user: Viewer, station: Station) -> str:
    """In which capacity somebody who keeps it does so: a role, for the page and the trail."""
    scope = scope_of(user)
    if station.pk in scope.stations:
        return Posting.Role.STATION_KEEPER.value
    if station.community_id in scope.communities:
        return Posting.Role.COMMUNITY_STAFF.value
    return "admin"
