"""Who is told what when a case moves. Notices are stored with the move, or not at all."""

from stations.access import centre_officers, community_staff, grid_workers
from workers.access import worker_of
from yuanhang.core import notify

TELLS_REPORTER = {"ask_info", "accept", "reject", "escalate", "dispatch", "fix", "close"}
TELLS_REVIEWERS = {"submit", "supply_info", "withdraw", "dispatch", "fix"}
TELLS_CENTRE = {"escalate"}


def reviewers(hazard):
    """The workers of the case's grid; where there are none, the community's staff."""
    holders = list(grid_workers(hazard.grid)) if hazard.grid_id else []
    return holders or list(community_staff(hazard.community))


def tell(hazard, step):
    """Store the notices of one step. The actor is not told of their own deed."""
    context = {"hazard": hazard, "step": step}
    key = f"hazard:{hazard.pk}:{step.pk}"

    def send(people, kind, **extra):
        others = [person for person in people if person.pk != step.by_id]
        notify.send(others, kind, key=key, context=context, **extra)

    if step.verb in TELLS_REPORTER:
        if hazard.reporter_id:
            send(
                [hazard.reporter],
                f"hazards.{step.verb}",
                url=hazard.get_absolute_url(),
                sms=_wants_sms,
            )
        elif hazard.contact_phone:
            send(
                [],
                f"hazards.{step.verb}",
                url=hazard.get_receipt_url(),
                guest_phone=hazard.contact_phone,
            )
    staff = []
    if step.verb in TELLS_REVIEWERS:
        staff += reviewers(hazard)
    if step.verb in TELLS_CENTRE:
        staff += centre_officers(hazard.subdistrict)
    if staff:
        people = [person for person in staff if person.pk != hazard.reporter_id]
        send(people, f"hazards.staff_{step.verb}", url=hazard.get_absolute_url())


def _wants_sms(user):
    worker = worker_of(user)
    return bool(worker and worker.wants_sms)
