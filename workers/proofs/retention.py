"""How long a proof is kept that nobody confirmed."""

from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from workers.proofs.models import Proof
from yuanhang.core.retention import RetentionRule, Span


def _is_unconfirmed(moment: datetime) -> Q:
    return Q(received_at__lte=moment) & ~Q(state=Proof.State.CONFIRMED)


RULES = (
    RetentionRule(
        key="workers.proofs",
        model="workers.Proof",
        after=Span(days=90),
        is_due=_is_unconfirmed,
        words=_("没核实的「我在帮忙」%(after)s后删，核实了的留到本人删"),
    ),
)
