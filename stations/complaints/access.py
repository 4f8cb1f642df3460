"""Who reads complaints and answers them."""

from stations.complaints.models import Complaint
from stations.postings.access import (
    Viewer,
    centre_officer_keys,
    community_staff_keys,
    scope_of,
)
from stations.postings.models import Posting
from yuanhang.core.models import User

ADMINS_MAX = 20  # a site has a few; nobody writes to a crowd


def can_read_complaints(user: Viewer) -> bool:
    """Whether any complaint may be written to this user: by their post, or as administrator."""
    if not user.is_authenticated:
        return False
    scope = scope_of(user)
    return user.is_superuser or bool(scope.communities) or bool(scope.subdistricts)


def can_answer(user: Viewer, complaint: Complaint) -> bool:
    """Whoever it was written to, and administrators."""
    return Complaint.objects.visible_to(user).filter(pk=complaint.pk).exists()


def capacity_of(user: User, complaint: Complaint) -> str:
    """In which capacity somebody answers: a role, for the page and the trail."""
    scope = scope_of(user)
    if complaint.reader == Complaint.Reader.SUBDISTRICT:
        holds = complaint.community.subdistrict_id in scope.subdistricts
        return Posting.Role.CENTRE_OFFICER.value if holds else "admin"
    holds = complaint.community_id in scope.communities
    return Posting.Role.COMMUNITY_STAFF.value if holds else "admin"


def reader_keys(complaint: Complaint) -> tuple[int, ...]:
    """Keys of the active people it was written to; where nobody holds that post, administrators."""
    if complaint.reader == Complaint.Reader.SUBDISTRICT:
        keys = centre_officer_keys(complaint.community.subdistrict_id)
    else:
        keys = community_staff_keys(complaint.community_id)
    return keys or admin_keys()


def admin_keys() -> tuple[int, ...]:
    """Keys of the active administrators."""
    rows = User.objects.filter(is_superuser=True, is_active=True).order_by("pk")
    return tuple(rows.values_list("pk", flat=True)[:ADMINS_MAX])
