"""Words of the staff about one person: awards and evaluations, which that person alone reads."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from volunteers.record.models.service_records import Commendation
from volunteers.record.service_records import RECORD_URL
from yuanhang.core import audit
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.models import User
from yuanhang.core.outbox import notices


def commend(user: User, *, kind: str, text: str, by: User) -> Commendation:
    """Staff's words to one person, who is told; returns the Commendation.

    Raises NotAllowedNowError without words, or for oneself.
    """
    if not text.strip():
        raise NotAllowedNowError(_("写一句话。"))
    if user.pk == by.pk:
        raise NotAllowedNowError(_("自己的由别人来写。"))
    with transaction.atomic():
        words = Commendation.objects.create(user=user, kind=kind, text=text.strip(), by=by)
        audit.record("volunteers.commend", words, by=by, changes={"kind": str(kind)})
        notices.send(
            [user],
            "volunteers.commended",
            key=f"commendation:{words.pk}",
            context={"commendation": words},
            url=RECORD_URL,
        )
    return words


def revoke(commendation: Commendation, *, by: User) -> None:
    """Withdraw words that were wrong; they vanish from the person's record."""
    current = Commendation.objects.current().filter(pk=commendation.pk)
    if current.update(ended_at=timezone.now()):
        audit.record("volunteers.take_back", commendation, by=by)
