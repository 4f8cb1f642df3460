"""Who says that they helped, and who confirms it."""

from stations.postings.access import Viewer, scope_of, serves_community
from workers.access import worker_of
from workers.proofs.models import Proof


def can_register(user: Viewer) -> bool:
    """Registered workers: a platform asks whose it is."""
    return worker_of(user) is not None


def can_look(user: Viewer) -> bool:
    """Whether this person confirms any proofs at all."""
    return user.is_authenticated and (user.is_superuser or bool(scope_of(user).communities))


def can_confirm(user: Viewer, proof: Proof) -> bool:
    """Staff of its community; nobody their own."""
    return serves_community(user, proof.community_id) and proof.rider_id != user.pk
