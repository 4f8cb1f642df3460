"""Who reported a case: shown on demand to whoever must ring back, and kept who asked.

The one door to name and number, from the case page and from the admin alike.
"""

from dataclasses import dataclass

from hazards.cases.models.hazards import Hazard
from yuanhang.core import audit
from yuanhang.core.models import User


@dataclass(frozen=True)
class Contact:
    """What the reporter is called and where they are rung; either may be empty."""

    name: str
    phone: str


def reveal(hazard: Hazard, *, by: User) -> Contact:
    """Name and telephone number of the reporter; that they were shown is kept."""
    audit.record("hazards.revealed", hazard, by=by, role="staff")
    account = hazard.reporter
    return Contact(
        name=hazard.contact_name or (account.display_name if account else ""),
        phone=hazard.contact_phone or (account.phone if account else ""),
    )
