"""听写: what a voice note says, in one line, so that nobody has to listen twice.

The line stands on the note and, beside all texts that a case is found by, on the case of the note.
"""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from hazards.cases.models.attachments import GIST_MAX, HazardVoice
from hazards.cases.models.hazards import Hazard
from yuanhang.core import audit
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.locked_transitions import lock_row
from yuanhang.core.models import User


@transaction.atomic
def write(voice: HazardVoice, *, by: User, gist: str, before: str = "") -> HazardVoice:
    """Write the gist of a voice note, or put it right; returns the fresh note.

    `before` is what the writer's page showed. Raises NotAllowedNowError when somebody else wrote
    it meanwhile, when it says nothing, and when it is longer than one line.
    """
    if not gist or len(gist) > GIST_MAX:
        raise NotAllowedNowError(_("写一句，最多 %(n)d 个字。") % {"n": GIST_MAX})
    # The case's row lines up the writers, as it does for every change of a case.
    case = lock_row(voice.hazard)
    fresh = _fresh(voice)
    if fresh is None:
        raise NotAllowedNowError(_("这段语音到期删了，没有存。"))
    if fresh.gist not in (before, gist):
        raise NotAllowedNowError(
            _("刚有人写了：「%(gist)s」。要改再点一次。") % {"gist": fresh.gist}
        )
    fresh.gist, fresh.gist_by, fresh.gist_at = gist, by, timezone.now()
    fresh.save(update_fields=["gist", "gist_by", "gist_at"])
    _gather(case)
    # What was said stays out of the trail: it goes with the voice.
    audit.record("hazards.transcribe", case, by=by, changes={"voice": fresh.pk})
    return fresh


def _fresh(voice: HazardVoice) -> HazardVoice | None:
    """The note as it is now; None once its time was over."""
    return HazardVoice.objects.filter(pk=voice.pk).first()


def forget(cases: list[int]) -> None:
    """Take the gists of notes that are gone out of their cases; the caller holds the notes."""
    for case in Hazard.objects.select_for_update(of=("self",)).filter(pk__in=cases):
        _gather(case)


def _gather(case: Hazard) -> None:
    """Keep the gists of a locked case's notes beside its texts."""
    notes = HazardVoice.objects.filter(hazard=case.pk).exclude(gist="").order_by("id")
    case.heard = "\n".join(notes.values_list("gist", flat=True))
    case.save(update_fields=["heard", "search"])
