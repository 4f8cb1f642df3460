"""Saying that one stops to help, and what staff make of it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stations.areas.models import Community, Grid
from workers.access import worker_of
from workers.help.asking import told_time
from workers.proofs import notifications
from workers.proofs.access import can_confirm
from workers.proofs.models import Proof
from workers.proofs.transitions import PROOFS, RIDER, STAFF
from yuanhang.core import audit, people
from yuanhang.core.erasures import erasures
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.locked_transitions import carry_out
from yuanhang.core.models import AuditEvent, User

# Nobody stops more often; whoever does tells staff in person.
A_DAY = 3
REGISTERED = "workers.proof_register"


@dataclass(frozen=True)
class Shown:
    """What the rider lets stand on it: the name or the last digits of the phone, or both."""

    name: bool = True
    digits: bool = False
    platform: bool = False


def sent_before(submission_key: UUID, *, by: User) -> Proof | None:
    """The proof that this key made already. Raises NotAllowedNowError for another's key."""
    row = Proof.objects.filter(submission_key=submission_key).first()
    if row is not None and row.rider_id != by.pk:
        raise NotAllowedNowError(_("这份已经用另一个账号发过了。再点一次发出。"))
    return row


def register(
    *,
    by: User,
    submission_key: UUID,
    what: str,
    shown: Shown,
    grid: Grid | None = None,
    community: Community | None = None,
    reference: str = "",
    written_at: datetime | None = None,
) -> Proof:
    """我在帮忙: a page with number, minute and grid at once; exactly once per key.

    `grid` decides the community, else `community` does, else that of the rider's registration.
    Raises NotAllowedNowError after three of one day, deleted ones counted, and for a key of another
    account.
    """
    with transaction.atomic():
        person = people.hold(by)
        row = sent_before(submission_key, by=by)
        if row is not None:
            return row
        worker = worker_of(person)
        if worker is None:
            raise NotAllowedNowError(_("登记过的骑手、快递员、司机才能用。"))
        _refuse_many(person)
        row = Proof(
            submission_key=submission_key,
            rider=person,
            community=grid.community if grid else community or worker.community,
            grid=grid,
            what=what,
            reference=reference,
            shown_name=person.display_name if shown.name else "",
            shown_digits=person.phone[-4:] if shown.digits else "",
            shown_platform=str(worker.platform or "") if shown.platform else "",
            written_at=told_time(written_at, timezone.now()),
        )
        made = carry_out(PROOFS, row, "register", by=person, capacity=RIDER)
        notifications.registered(made)
    return made


def _refuse_many(person):
    """What was said today counts, also where it was deleted since: the trail knows."""
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    today = AuditEvent.objects.filter(actor_id=person.pk, kind=REGISTERED, at__gte=midnight)
    if today.count() >= A_DAY:
        raise NotAllowedNowError(
            _("已经记了 %(n)d 次，今天不能再记。真在帮忙，回头到驿站说一声。") % {"n": A_DAY}
        )


def confirm(proof: Proof, *, by: User, against: str, case: str = "", unit: str = "") -> Proof:
    """Staff know by the site's own time, or by a witness, that it is so; the rider is told.

    `against` is a `Proof.Against`; `case` or `unit` names what they know it by. Raises
    NotAllowedNowError for who may not, without either, or when somebody was faster.
    """
    if not (case or unit):
        raise NotAllowedNowError(_("写上隐患编号，或者是哪个单位说的。"))
    facts = {"against": against, "confirmed_case": case, "confirmed_unit": unit}
    return _look(proof, "confirm", by, facts, notifications.confirmed)


def decline(proof: Proof, *, by: User) -> Proof:
    """Staff could not find out that it is so; raises as `confirm`."""
    return _look(proof, "decline", by, {}, notifications.declined)


@transaction.atomic
def _look(proof, verb, by, facts, notify):
    if not can_confirm(by, proof):
        raise NotAllowedNowError(_("这份不归你核实，自己的也不能自己核实。"))
    fields = facts | {"looked_at": timezone.now(), "looked_by": by}
    row = carry_out(PROOFS, proof, verb, by=by, capacity=STAFF, fields=fields)
    notify(row)
    return row


@transaction.atomic
def delete(proof: Proof, *, by: User) -> None:
    """The rider takes it away, for good: its number opens nothing any more.

    Raises NotAllowedNowError for somebody else's.
    """
    if proof.rider_id != by.pk:
        raise NotAllowedNowError(_("这份不是你的。"))
    audit.record("workers.proof_delete", proof, by=by, role=RIDER)
    erasures.delete(proof)
