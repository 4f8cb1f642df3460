"""How long the words of a complaint and its sender are kept."""

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from stations.complaints.models import Complaint
from yuanhang.core.retention import RetentionRule, Span

AFTER = Span(days=180)  # should somebody ask back; a half-year's figures need no words


def _words_are_due(moment: datetime) -> Q:
    return Q(answered_at__lte=moment, erased_at=None)


def _slip_is_due(moment: datetime) -> Q:
    return Q(complaint__answered_at__lte=moment)


def _forget(keys: list[Any], now: datetime) -> None:
    """The person's words and the answer go; what staff wrote for everybody stays until taken back.

    A backup may hold it unanswered: the words go all the same.
    """
    Complaint.objects.filter(pk__in=keys).update(text="", answer="", erased_at=now)


RULES = (
    RetentionRule(
        key="stations.complaints",
        model="stations.Complaint",
        after=AFTER,
        is_due=_words_are_due,
        forget=_forget,
        words=_("投诉建议里写的话，答复 %(after)s后删"),
    ),
    RetentionRule(
        key="stations.complaint_slips",
        model="stations.ComplaintSlip",
        after=AFTER,
        is_due=_slip_is_due,
        words=_("投诉建议的署名和回执，答复 %(after)s后删"),
    ),
)
