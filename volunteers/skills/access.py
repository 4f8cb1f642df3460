"""Who makes activities."""

from django.contrib.auth.models import AnonymousUser

from stations.postings.access import scope_of
from yuanhang.core.models import User


def can_organise(user: User | AnonymousUser) -> bool:
    """Who makes activities at all: community staff and administrators."""
    return user.is_authenticated and (user.is_superuser or bool(scope_of(user).communities))
