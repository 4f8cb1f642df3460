"""Certificates that say more than the ledger does, since minutes were taken back."""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from stations.areas.models import Community
from stations.postings.access import community_staff
from volunteers.record.models.certificates import Certificate
from volunteers.record.models.service_records import ServiceRecord
from volunteers.record.transitions import CERTIFICATES
from yuanhang.core.locked_transitions import carry_out
from yuanhang.core.models import User
from yuanhang.core.outbox import notices


def revoke_overstated(user: User, community: Community, *, by: User | None) -> None:
    """Declare void what certifies more than counts now; the person and the staff are told.

    Called in the transaction in which minutes of theirs were taken back: whoever checks the paper
    from then on reads that it does not hold. A new one is asked for with one tap.
    """
    valid = Certificate.objects.filter(
        holder__user=user, community=community, state=Certificate.State.VALID
    )
    for certificate in valid.order_by("pk"):
        span = certificate.start, certificate.end
        counting = ServiceRecord.objects.certifiable(user, community, *span).total()
        if counting >= certificate.minutes:
            continue
        facts = {"was": certificate.minutes, "now": counting}
        reason = _("服务记录更正过，这段时间是 %(now)d 分钟，不是 %(was)d 分钟。") % facts
        ended = {"end_reason": reason, "ended_at": timezone.now()}
        fresh = carry_out(CERTIFICATES, certificate, "revoke", by=by, fields=ended)
        _notify(user, community, fresh)


def _notify(user: User, community: Community, certificate: Certificate) -> None:
    for people, what, url in (
        ([user], "certificate_revoked", certificate.get_absolute_url()),
        (community_staff(community), "staff_certificate_overstated", reverse("volunteers:records")),
    ):
        notices.send(
            people,
            f"volunteers.{what}",
            key=f"certificate:{certificate.pk}:{what}",
            context={"target": certificate},
            url=url,
        )
