"""Hazard reports, their catalogue and their story."""

from .catalogue import Category, StandardCase, Urgency
from .hazard import Hazard, NumberCounter
from .states import OPEN_STATES, SIGNS, State
from .story import HazardPhoto, HazardVoice, Step

__all__ = [
    "OPEN_STATES",
    "SIGNS",
    "Category",
    "Hazard",
    "HazardPhoto",
    "HazardVoice",
    "NumberCounter",
    "StandardCase",
    "State",
    "Step",
    "Urgency",
]
