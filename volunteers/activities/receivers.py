"""What becomes of places and leads when somebody is deactivated."""

from typing import Any

from django.dispatch import receiver

from volunteers.activities import activity_sessions, pledges, signups
from yuanhang.core.models import User
from yuanhang.core.signals import account_deactivated


@receiver(account_deactivated)
def free_places(sender: Any, user: User, by: User, **kwargs: Any) -> None:
    """Places go to the next in line, and sessions to come need another leader."""
    signups.free_all(user, by=by)
    pledges.free_all(user, by=by)
    activity_sessions.free_leads(user, by=by)
