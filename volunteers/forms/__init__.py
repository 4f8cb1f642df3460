"""What people and staff fill in."""

from .activities import ListForm, PledgeForm
from .errands import ErrandNoteForm
from .records import (
    AnswerForm,
    CommendForm,
    HoursForm,
    IssueForm,
    QualificationForm,
    ReasonForm,
    RequestForm,
)
from .roster import RosterForm

__all__ = [
    "AnswerForm",
    "CommendForm",
    "ErrandNoteForm",
    "HoursForm",
    "IssueForm",
    "ListForm",
    "PledgeForm",
    "QualificationForm",
    "ReasonForm",
    "RequestForm",
    "RosterForm",
]
