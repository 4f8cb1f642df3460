"""已了结·未修: the end of a case that nobody repaired, told as what it is."""

from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

from hazards.cases import merging
from hazards.cases.kind_words import says
from hazards.cases.models.hazards import Hazard
from hazards.cases.steps import Earlier, move
from hazards.catalogue.models import EndReason
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.models import User
from yuanhang.core.words import for_keeps, spoken_day

PARTY_MAX, NUMBER_MAX = 40, 40


def end_unrepaired(
    hazard: Hazard,
    *,
    by: User | None,
    end_reason: EndReason,
    party: str = "",
    outside_number: str = "",
    until: date | None = None,
    note: str = "",
    role: str = "reviewer",
) -> Hazard:
    """End a case without a repair, for one of the reasons of the list.

    What the reason asks must be given: `party` (and its `outside_number`, if it has one), the day
    `until`, or a `note`. Those who followed the case end with it where the reason holds for the
    place, else they go on without it. It may be reopened for 30 days like a closed one.
    Raises NotAllowedNowError for a reason that is out of use or lacks what it asks.
    """
    sentence = sentence_of(end_reason, party, outside_number, until, note)

    def change(case: Hazard, _earlier: Earlier) -> None:
        if end_reason.kind and end_reason.kind != case.category.kind:
            raise NotAllowedNowError(_("这个原因不适用于这一类，换一个。"))
        case.end_reason, case.end_words = end_reason, sentence
        case.closed_at = timezone.now()
        case.suspended_at = case.suspended_until = None
        if outside_number:
            case.outside_number = outside_number
        if not end_reason.holds_for_place:
            told = says(case, "first_ended", reason=sentence)
            merging.pass_on(case, by=by, note=told)

    return move(hazard, "end_unrepaired", by=by, role=role, note=sentence, change=change)


def sentence_of(reason: EndReason, party: str, number: str, until: date | None, note: str) -> str:
    """「不归本街道，已转交给热力公司（对方单号 R-17）。…」: the end as it is told and kept.

    Raises NotAllowedNowError for a reason that is out of use or lacks what it asks.
    """
    if not reason.is_active:
        raise NotAllowedNowError(_("这个原因已经停用，换一个。"))
    asks, text = reason.asks, reason.text
    if asks == EndReason.Asks.PARTY:
        if not party:
            raise NotAllowedNowError(_("写上转给谁了。"))
        text += party
        if number:
            text += _("（对方单号 %(number)s）") % {"number": number}
    elif asks == EndReason.Asks.DAY:
        if until is None or until <= timezone.localdate():
            raise NotAllowedNowError(_("选一个今天以后的日子。"))
        with for_keeps():
            text += spoken_day(until, timezone.localdate())
    elif asks == EndReason.Asks.WORDS and not note:
        raise NotAllowedNowError(_("写一句是怎么回事，上报人会看到。"))
    # Wherever it stands, what follows brings the full stop.
    note = note.rstrip("。")
    return _("%(reason)s。%(note)s") % {"reason": text, "note": note} if note else text
