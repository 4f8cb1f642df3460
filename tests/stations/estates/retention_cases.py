"""What of estates goes in time, for the table of rules in tests/core/test_retention.py."""

from stations.estates.link_models import GateRefusal, PropertyLink, WrongCode
from stations.estates.models import FactConfirmation, FactPhoto, FactVersion
from tests.stations.estates.rows import estate_of, fact_of
from yuanhang.core.retention import Span


def version(town):
    """What staff wrote about an estate, with a photo."""
    return fact_of(town).versions.get()


def history(town, moment):
    """What was put right since."""
    key = version(town).pk
    FactVersion.objects.filter(pk=key).update(ended_at=moment, end="replaced")
    return lambda: not FactVersion.objects.filter(pk=key).exists()


def writer(town, moment):
    """Who had written that."""
    key = version(town).pk
    FactVersion.objects.filter(pk=key).update(ended_at=moment, end="undone")
    return lambda: FactVersion.objects.get(pk=key).written_by is None


def confirmer(town, moment):
    """Who said that it is right."""
    said = version(town).confirmations.create(user=town.rider, role="worker", round=0, at=moment)
    return lambda: FactConfirmation.objects.get(pk=said.pk).user is None


def photo(town, moment):
    """A photo of a gate."""
    key = version(town).photos.get().pk
    FactPhoto.objects.filter(pk=key).update(created_at=moment)
    return lambda: not FactPhoto.objects.filter(pk=key).exists()


def wrong_code(town, moment):
    """A code that somebody guessed."""
    link = PropertyLink.objects.create(estate=estate_of(town), digest="d", code="000000")
    link.wrong_codes.create(device="d", at=moment)
    return lambda: not WrongCode.objects.exists()


def refusal(town, moment):
    """Somebody was refused there."""
    GateRefusal.objects.create(estate=estate_of(town), gate="北门", at=moment)
    return lambda: not GateRefusal.objects.exists()


CASES = {
    "stations.estate_history": (history, Span(days=365)),
    "stations.estate_writers": (writer, Span(days=90)),
    "stations.estate_confirmers": (confirmer, Span(days=180)),
    "stations.estate_photos": (photo, Span(days=365)),
    "stations.wrong_codes": (wrong_code, Span(days=1)),
    "stations.gate_refusals": (refusal, Span(days=90)),
}
