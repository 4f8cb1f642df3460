"""Places, and who serves where."""

from .areas import Community, Grid, Landmark, Subdistrict
from .houses import EmergencyNumber, Facility, OpeningHours, Station, Zone
from .posts import Organisation, Posting
from .robots import ChatRobot, RobotMessage

__all__ = [
    "ChatRobot",
    "Community",
    "EmergencyNumber",
    "Facility",
    "Grid",
    "Landmark",
    "OpeningHours",
    "Organisation",
    "Posting",
    "RobotMessage",
    "Station",
    "Subdistrict",
    "Zone",
]
