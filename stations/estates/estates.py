"""Entering an estate, changing it, and the sentence that staff write of what was agreed."""

import secrets
from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from stations.estates.access import can_keep, capacity_of
from stations.estates.facts import held
from stations.estates.link_models import GateRefusal
from stations.estates.models import Estate
from yuanhang.core import audit, editing
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.models import User


@transaction.atomic
def create(estate: Estate, *, by: User) -> Estate:
    """Store a new estate; it names itself for its address."""
    estate.slug = f"e{secrets.token_hex(4)}"
    return editing.create(estate, by=by)


@transaction.atomic
def edit(estate: Estate, *, by: User, fields: Iterable[str]) -> Estate:
    """Store a changed estate."""
    return editing.edit(estate, by=by, fields=fields)


def note_refusal(estate: Estate, *, gate: str) -> None:
    """Somebody was refused at a gate, by its name or empty: the property reads so on its page.

    Not who, nor what was said; the community has that, in a case that is nobody else's.
    """
    GateRefusal.objects.create(estate=estate, gate=gate, at=timezone.now())


@transaction.atomic
def agree(estate: Estate, *, rule: str, on: date | None, by: User) -> Estate:
    """What was agreed with the property, as everybody may read it; without a rule nothing stands.

    Raises NotAllowedNowError for somebody who does not keep the estate.
    """
    row = held(estate)
    if not can_keep(by, row):
        raise NotAllowedNowError(_("你不管这个小区。"))
    row.agreement, row.agreed_on = rule, on if rule else None
    row.save(update_fields=["agreement", "agreed_on", "updated_at"])
    audit.record("stations.agree_rule", row, by=by, role=capacity_of(by, row))
    return row
