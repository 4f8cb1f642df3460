"""Places, and who serves where."""

from .areas import Community, Grid, Landmark, Subdistrict
from .houses import EmergencyNumber, Facility, OpeningHours, Station, Zone
from .posts import Organisation, Posting

__all__ = [
    "Community",
    "EmergencyNumber",
    "Facility",
    "Grid",
    "Landmark",
    "OpeningHours",
    "Organisation",
    "Posting",
    "Station",
    "Subdistrict",
    "Zone",
]
