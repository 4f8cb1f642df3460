"""The ledger of service minutes: only ever added to, and what comes late or by hand waits.

Hours are sold where one person can type them in unseen. So an entry made later than 7 days after
its session, or typed by hand, counts nothing until somebody else confirms it, who is neither the
one who entered it nor the one it is for; and it stays marked 补录.
"""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from volunteers.record.models.service_records import Commendation
from volunteers.record.service_records import RECORD_URL
from yuanhang.core import audit
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.outbox import notices


def commend(user, *, kind, text, by):
    """Staff's words to one person, who is told; returns the Commendation.

    Raises NotAllowedNowError without words, or for oneself.
    """
    if not text.strip():
        raise NotAllowedNowError(_("写一句话。"))
    if user.pk == by.pk:
        raise NotAllowedNowError(_("自己的由别人来写。"))
    with transaction.atomic():
        made = Commendation.objects.create(user=user, kind=kind, text=text.strip(), by=by)
        audit.record("volunteers.commend", made, by=by, changes={"kind": str(kind)})
        notices.send(
            [user],
            "volunteers.commended",
            key=f"commendation:{made.pk}",
            context={"commendation": made},
            url=RECORD_URL,
        )
    return made


def revoke(commendation, *, by):
    """Withdraw words that were wrong; they vanish from the person's record."""
    changed = Commendation.objects.current().filter(pk=commendation.pk)
    if changed.update(ended_at=timezone.now()):
        audit.record("volunteers.take_back", commendation, by=by)
