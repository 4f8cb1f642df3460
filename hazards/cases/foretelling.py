"""What taking a case on would promise, told before the button is pressed.

`cases.preview` makes a move and takes it back, which is exact and dear; a page that shows the
promise to everybody who opens it counts it on a copy.
"""

import copy

from django.utils import timezone

from hazards.cases.cases import Foretold
from hazards.cases.models.hazards import Hazard
from hazards.cases.models.steps import Step
from hazards.catalogue.models import StandardCase
from hazards.deadlines import deadlines
from yuanhang.core.outbox import notices


def accepted_as(hazard: Hazard, standard: StandardCase | None) -> Foretold:
    """The case as it would be, accepted under a standard at its present urgency; one query."""
    case = copy.copy(hazard)
    case.standard_case, case.accepted_at = standard, timezone.now()
    deadlines.on_accept(case)
    told = None
    if hazard.reporter_id or hazard.contact_phone:
        step = Step(hazard=case, verb="accept")
        told = notices.text_of("hazards.accept", {"hazard": case, "own": case, "step": step})
    return Foretold(told, case)
