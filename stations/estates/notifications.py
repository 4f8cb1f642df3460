"""Who hears of what is written about an estate: its writer, and the staff."""

from django.urls import reverse

from stations.estates.models import Estate, EstateFact, FactVersion
from stations.postings.access import community_staff_keys
from yuanhang.core.outbox import notices


def confirmed(version: FactVersion) -> None:
    """What somebody wrote is shown to everybody now."""
    _tell_writer(version, "stations.fact_confirmed")


def undone(version: FactVersion) -> None:
    """Staff took it back."""
    _tell_writer(version, "stations.fact_undone")


def _tell_writer(version, kind):
    if version.written_by_id is None:
        return
    estate = version.fact.estate
    notices.send(
        [version.written_by_id],
        kind,
        key=f"fact:{version.pk}:{kind}:{version.round}",
        context={"estate": estate, "fact": version.fact},
        url=estate.get_absolute_url(),
    )


def down_asked(fact: EstateFact, estate: Estate) -> None:
    """The property wants something taken down: its staff decide."""
    notices.send(
        list(community_staff_keys(estate.community_id)),
        "stations.fact_down_asked",
        key=f"fact_down:{fact.pk}:{fact.down_asked_at.isoformat()}",
        context={"estate": estate, "fact": fact},
        url=reverse("estates:keep", args=[estate.slug]),
    )
