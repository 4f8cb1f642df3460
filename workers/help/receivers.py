"""What becomes of requests when somebody is deactivated."""

from typing import Any

from django.dispatch import receiver

from workers.help import help_requests
from yuanhang.core.models import User
from yuanhang.core.signals import account_deactivated


@receiver(account_deactivated)
def free_requests(sender: Any, user: User, by: User, **kwargs: Any) -> None:
    """Whoever waits for this person waits for somebody else."""
    help_requests.free_all(user, by=by)
