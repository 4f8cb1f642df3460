"""What becomes of requests when somebody is deactivated."""

from typing import Any

from django.dispatch import receiver

from workers.aid import aid
from yuanhang.core.models import User
from yuanhang.core.signals import account_deactivated


@receiver(account_deactivated)
def let_go(sender: Any, user: User, by: User, **kwargs: Any) -> None:
    """Whoever handled requests gives them to the deputy."""
    aid.leave(user)
