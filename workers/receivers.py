"""Answers to what the rooms below ask of workers."""

from typing import Any

from django.dispatch import receiver

from stations.estates.signals import worker_wanted
from workers.access import is_registered
from yuanhang.core.models import User


@receiver(worker_wanted)
def is_confirmed(sender: Any, user: User, **kwargs: Any) -> bool:
    """Whether staff have confirmed this person's registration."""
    return is_registered(user)
