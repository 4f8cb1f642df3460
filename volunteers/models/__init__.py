"""Activities, who comes, and what became of it."""

from .activities import Activity, ActivityCover, Session
from .calendar import CalendarFeed
from .signups import ACTIVE, HOLDING, Pledge, SignUp, make_pair_code
from .skills import Skill, SkillNeed
from .teams import Membership, Team

__all__ = [
    "ACTIVE",
    "HOLDING",
    "Activity",
    "ActivityCover",
    "CalendarFeed",
    "Membership",
    "Pledge",
    "Session",
    "SignUp",
    "Skill",
    "SkillNeed",
    "Team",
    "make_pair_code",
]
