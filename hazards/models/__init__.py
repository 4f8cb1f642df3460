"""Hazard reports, their catalogue and their story."""

from .catalogue import Category, ReplyTemplate, StandardCase, Urgency, WorkingSpan
from .hazard import Hazard, NumberCounter, Rating
from .sightings import Sighting
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
    "Rating",
    "ReplyTemplate",
    "Sighting",
    "StandardCase",
    "State",
    "Step",
    "Urgency",
    "WorkingSpan",
]
