"""Forms: they shape what came in; the workflow decides."""

from .moves import FORMS
from .queue import QueueForm
from .report import LookupForm, ReportForm

__all__ = ["FORMS", "LookupForm", "QueueForm", "ReportForm"]
