"""How long a case's voice is kept, and a report that was not taken on."""

from datetime import datetime
from typing import Any

from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from hazards.cases import gists, merging
from hazards.cases.models.attachments import HazardVoice
from hazards.cases.models.hazards import Hazard
from hazards.cases.states import State
from yuanhang.core.outbox.models import Notice
from yuanhang.core.retention import RetentionRule, Span


def _voice_is_due(cutoff: datetime) -> Q:
    """At its case's end, or that of the main one; a case that was opened again has none."""
    own = Q(hazard__closed_at__lte=cutoff) | Q(hazard__main__closed_at__lte=cutoff)
    gone = Q(hazard__state=State.WITHDRAWN, hazard__waiting_since__lte=cutoff)
    return own | gone


def _place_is_due(cutoff: datetime) -> Q:
    return Q(at__lte=cutoff)


def _forget_voices(keys: list[Any], _now: datetime) -> None:
    """The notes with their gists, which stand on the case as well."""
    notes = HazardVoice.objects.filter(pk__in=keys)
    cases = list(notes.values_list("hazard", flat=True).distinct())
    notes.delete()
    gists.forget(cases)


def _rejection_is_due(cutoff: datetime) -> Q:
    """`waiting_since` is when the case came into its state; a refusal taken back has left it."""
    return Q(state=State.REJECTED, waiting_since__lte=cutoff)


def _followers(keys: list[Any]) -> list[Any]:
    """What was merged into the reports, however they hang together: it goes at once."""
    found: list[Any] = []
    level = keys
    while level:
        followers = Hazard.objects.filter(main__in=level).select_for_update(of=("self",))
        level = list(followers.values_list("pk", flat=True))
        found += level
    return found


def _forget_rejected(keys: list[Any], _now: datetime) -> None:
    """The reports with all that hangs on them, and what was told.

    In a restored backup a report may still follow one of them that has gone on alone since.
    """
    gone = Hazard.objects.filter(pk__in=keys)
    # Nobody points at what goes but those who follow it.
    Hazard.objects.filter(merged_into__in=keys).update(merged_into=F("main"))
    left = list(gone.select_for_update(of=("self",)))
    # A notice repeats the reason and the place.
    pages = [link() for case in left for link in (case.get_absolute_url, case.get_receipt_url)]
    Notice.objects.filter(url__in=pages).delete()
    while left:
        followed = {case.main_id for case in left}
        ends = [case for case in left if case.pk not in followed]
        for case in ends:
            merging.pass_on(case, by=None, note=gettext("先报的那件没有受理。"))
        gone.filter(pk__in=[case.pk for case in ends]).delete()
        left = [case for case in left if case.pk in followed]


RULES = (
    RetentionRule(
        key="hazards.voice",
        model="hazards.HazardVoice",
        after=Span(days=90),
        is_due=_voice_is_due,
        forget=_forget_voices,
        words=_("语音在办结 %(after)s后删"),
    ),
    RetentionRule(
        key="hazards.rejected",
        model="hazards.Hazard",
        after=Span(days=30),
        is_due=_rejection_is_due,
        forget=_forget_rejected,
        along=_followers,
        words=_("不受理的上报 %(after)s后删"),
    ),
    RetentionRule(
        key="hazards.photo_places",
        model="hazards.PhotoPlace",
        after=Span(days=1),
        is_due=_place_is_due,
        hourly=True,
        words=_("照片里没用上的位置 %(after)s后删"),
    ),
)
