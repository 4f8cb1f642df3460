"""What becomes of cases when somebody is deactivated."""

from typing import Any

from django.dispatch import receiver

from hazards.cases import cases, leases
from hazards.cases.models.hazards import Hazard
from hazards.cases.states import State
from yuanhang.core.models import User
from yuanhang.core.signals import account_deactivated


@receiver(account_deactivated)
def let_go(sender: Any, user: User, by: User, **kwargs: Any) -> None:
    """What they were at is given back, and nobody waits for an answer that cannot come."""
    leases.release_all_of(user)
    asked = Hazard.objects.filter(reporter=user, state=State.NEEDS_INFO).order_by("pk")
    for hazard in asked:
        cases.stop_asking(hazard, by=by)
