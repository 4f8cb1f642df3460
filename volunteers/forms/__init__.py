"""What people and staff fill in."""

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
    "HoursForm",
    "IssueForm",
    "QualificationForm",
    "ReasonForm",
    "RequestForm",
    "RosterForm",
]
