"""What becomes of memberships when somebody is deactivated."""

from typing import Any

from django.dispatch import receiver

from volunteers.teams import teams
from yuanhang.core.models import User
from yuanhang.core.signals import account_deactivated


@receiver(account_deactivated)
def free_memberships(sender: Any, user: User, by: User, **kwargs: Any) -> None:
    """A team is led and joined by people who can log in."""
    teams.free_all(user, by=by)
