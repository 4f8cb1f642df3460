"""Who writes about an estate, who confirms it, and who keeps it.

Workers are registered in a room above: it answers `signals.worker_wanted`.
"""

from stations.estates.models import Estate, FactVersion
from stations.estates.signals import worker_wanted
from stations.postings.access import Viewer, own_communities, scope_of, serves_community
from stations.postings.models import Posting
from yuanhang.core.models import User

WORKER = "worker"
PROPERTY = "property"


def is_confirmed_worker(user: Viewer) -> bool:
    """Whether staff have confirmed that this is a rider, courier or driver."""
    if not user.is_authenticated:
        return False
    return any(answer for _receiver, answer in worker_wanted.send(User, user=user))


def can_keep(user: Viewer, estate: Estate) -> bool:
    """Staff of its community, and administrators: they confirm, undo, and decide."""
    return serves_community(user, estate.community_id)


def can_import(user: Viewer) -> bool:
    """Staff of any community bring in estates of theirs."""
    return user.is_authenticated and own_communities(user).exists()


def can_write(user: Viewer, estate: Estate) -> bool:
    """Confirmed workers of any community, since they ride everywhere; and whoever keeps it."""
    return can_keep(user, estate) or is_confirmed_worker(user)


def can_confirm(user: Viewer, version: FactVersion, estate: Estate) -> bool:
    """Whoever may write, but for the worker who wrote it."""
    if can_keep(user, estate):
        return True
    return version.written_by_id != user.pk and is_confirmed_worker(user)


def can_see_photos(user: Viewer, estate: Estate) -> bool:
    """Photos may show people and cars: for confirmed workers and the estate's staff."""
    return can_write(user, estate)


def capacity_of(user: Viewer, estate: Estate) -> str:
    """In which capacity somebody writes or confirms: a role, for the page and the trail."""
    if estate.community_id in scope_of(user).communities:
        return Posting.Role.COMMUNITY_STAFF.value
    return "admin" if user.is_superuser else WORKER
