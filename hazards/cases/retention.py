"""How long a case's voice is kept, and a report that was not taken on."""

from datetime import datetime
from typing import Any

from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from hazards.cases import gists
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


def _delete_voices(rule: RetentionRule, keys: list[Any], now: datetime) -> int:
    """The notes with their gists, which stand on the case as well."""
    due = rule.due(now).filter(pk__in=keys).select_for_update(of=("self",), skip_locked=True)
    notes = dict(due.values_list("pk", "hazard"))
    HazardVoice.objects.filter(pk__in=notes).delete()
    gists.forget(list(set(notes.values())))
    return len(notes)


def _rejection_is_due(cutoff: datetime) -> Q:
    """`waiting_since` is when the case came into its state; a refusal taken back has left it."""
    return Q(state=State.REJECTED, waiting_since__lte=cutoff)


def _delete_rejected(rule: RetentionRule, keys: list[Any], now: datetime) -> int:
    """The reports with all that hangs on them, what was merged into them, and what was told."""
    due = rule.due(now).filter(pk__in=keys).select_for_update(of=("self",), skip_locked=True)
    level = list(due)
    count, levels = len(level), []
    while level:
        levels.append(level)
        followers = Hazard.objects.filter(main__in=level)
        # However they hang together, they go at once.
        followers.update(merged_into=F("main"))
        level = list(followers.select_for_update(of=("self",)))
    for cases in reversed(levels):
        # A notice repeats the reason and the place.
        pages = [link() for case in cases for link in (case.get_absolute_url, case.get_receipt_url)]
        Notice.objects.filter(url__in=pages).delete()
        Hazard.objects.filter(pk__in=[case.pk for case in cases]).delete()
    return count


RULES = (
    RetentionRule(
        key="hazards.voice",
        model="hazards.HazardVoice",
        after=Span(days=90),
        is_due=_voice_is_due,
        erase=_delete_voices,
        words=_("语音在办结 %(after)s后删"),
    ),
    RetentionRule(
        key="hazards.rejected",
        model="hazards.Hazard",
        after=Span(days=30),
        is_due=_rejection_is_due,
        erase=_delete_rejected,
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
