"""A slip follows its case."""

from typing import Any

from django.dispatch import receiver

from hazards.cases.models.hazards import Hazard
from hazards.cases.models.steps import Step
from hazards.cases.signals import case_moved
from hazards.slips import slips


@receiver(case_moved)
def follow(sender: Any, hazard: Hazard, step: Step, before: str, **kwargs: Any) -> None:
    """Made with a dispatch, ended with it."""
    slips.follow(hazard, step.verb, before)
