"""Forms: they shape what came in; the workflow decides."""

from .map import BoxForm
from .moves import FORMS
from .public import CoverForm, MonthForm, SayForm
from .queue import QueueForm
from .report import LookupForm, PlaceForm, ReportForm

__all__ = [
    "FORMS",
    "BoxForm",
    "CoverForm",
    "LookupForm",
    "MonthForm",
    "PlaceForm",
    "QueueForm",
    "ReportForm",
    "SayForm",
]
