"""Who may ask, who may go, and who looks after what is open."""

from stations.postings.access import Viewer, scope_of
from workers.access import is_registered
from workers.help.models import HelpRequest


def can_ask_neighbours(user: Viewer) -> bool:
    """Confirmed workers alone: a neighbour who comes must know that somebody knows who called."""
    return is_registered(user)


def can_keep_help(user: Viewer) -> bool:
    """Whether this person holds a post to which requests for help may come."""
    if not user.is_authenticated:
        return False
    scope = scope_of(user)
    return user.is_superuser or bool(scope.stations or scope.communities or scope.subdistricts)


def can_keep(user: Viewer, request: HelpRequest) -> bool:
    """Whether this request is theirs to look after; one query."""
    return HelpRequest.objects.kept_by(user).filter(pk=request.pk).exists()


def can_take(user: Viewer, request: HelpRequest) -> bool:
    """Whether a neighbour may go there; one query."""
    return HelpRequest.objects.offered_to(user).filter(pk=request.pk).exists()
