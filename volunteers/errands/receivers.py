"""What becomes of errands when somebody is deactivated."""

from typing import Any

from django.dispatch import receiver

from volunteers.errands import errands
from yuanhang.core.models import User
from yuanhang.core.signals import account_deactivated


@receiver(account_deactivated)
def free_errands(sender: Any, user: User, by: User, **kwargs: Any) -> None:
    """What somebody has in hand, or is asked first for, is for everybody again."""
    errands.free_all(user, by=by)
