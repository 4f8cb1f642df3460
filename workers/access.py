"""Who may do what with registrations."""

from stations.postings.access import Viewer, has_post, scope_of
from workers.models import Worker


def worker_of(user: Viewer) -> Worker | None:
    """The user's registration, or None; one query at most, kept on the user object."""
    if not user.is_authenticated:
        return None
    if not hasattr(user, "_worker"):
        user._worker = (
            Worker.objects.select_related("community", "station").filter(user_id=user.pk).first()
        )
    return user._worker


def is_registered(user: Viewer) -> bool:
    """Whether staff have confirmed that this is a worker of theirs."""
    worker = worker_of(user)
    return worker is not None and worker.is_confirmed


def can_confirm(user: Viewer, worker: Worker) -> bool:
    """Community staff confirm the registrations of their community."""
    if not user.is_authenticated:
        return False
    return user.is_superuser or worker.community_id in scope_of(user).communities


def can_reset_password(user: Viewer, worker: Worker) -> bool:
    """Staff help people of their community at the desk.

    Not those who hold a post or enter the admin: a new password would hand over their rights,
    so only an administrator does that.
    """
    if user.is_authenticated and user.is_superuser:
        return True
    other = worker.user
    return can_confirm(user, worker) and not other.is_staff and not has_post(other)
