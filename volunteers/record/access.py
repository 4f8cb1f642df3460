"""Who keeps whose record, and who confirms and certifies it."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from stations.areas.models import Community
from stations.postings.access import scope_of, serves_community
from volunteers.record.models.service_records import ServiceRecord
from yuanhang.core.models import User


def people_kept_by(user: User | AnonymousUser) -> QuerySet[User]:
    """The accounts whose record a member of staff keeps: those registered with their communities.

    Administrators keep everybody's.
    """
    if not user.is_authenticated:
        return User.objects.none()
    if user.is_superuser:
        return User.objects.all()
    return User.objects.filter(worker__community__in=scope_of(user).communities)


def can_certify(user: User, community: Community) -> bool:
    """Who records certifies: the staff of that community."""
    return serves_community(user, community.pk)


def can_answer(user: User, record: ServiceRecord) -> bool:
    """A second person of the community's staff: neither who entered it nor who gains by it."""
    is_second = user.pk not in (record.by_id, record.user_id)
    return is_second and can_certify(user, record.community)
