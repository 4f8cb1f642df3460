"""Activities, who comes, and what became of it."""

from .activities import Activity, ActivityCover, Session
from .calendar import CalendarFeed
from .certificates import Certificate, CertificateHolder, CertificateRequest
from .errands import LEASE, PRIVATE, Errand, ErrandClaim
from .records import (
    Attendance,
    Commendation,
    Confirmation,
    Counter,
    ServiceRecord,
    VolunteerNumber,
)
from .searches import SearchedArea, SearchNotice, SearchPhoto
from .signups import ACTIVE, HOLDING, Pledge, SignUp, make_pair_code
from .skills import Course, Skill, SkillNeed
from .teams import Membership, Team
from .training import Qualification, QualificationScan, TrainingRecord

__all__ = [
    "ACTIVE",
    "HOLDING",
    "LEASE",
    "PRIVATE",
    "Activity",
    "ActivityCover",
    "CalendarFeed",
    "Attendance",
    "Certificate",
    "CertificateHolder",
    "CertificateRequest",
    "Commendation",
    "Confirmation",
    "Counter",
    "Course",
    "Errand",
    "ErrandClaim",
    "Membership",
    "Pledge",
    "Qualification",
    "QualificationScan",
    "SearchNotice",
    "SearchPhoto",
    "SearchedArea",
    "ServiceRecord",
    "Session",
    "SignUp",
    "Skill",
    "SkillNeed",
    "Team",
    "TrainingRecord",
    "VolunteerNumber",
    "make_pair_code",
]
