"""Who hears of a fault: the keepers of its station, and those with an account who told of it."""

from django.urls import reverse

from stations.faults.models import FacilityFault
from stations.keeping.notifications import keepers_of
from yuanhang.core.outbox import notices


def told(fault: FacilityFault, *, again: bool) -> None:
    """Somebody said so; with the words of those who wrote some, which staff may hide."""
    taps = [tap for tap in fault.taps.counting().order_by("at") if tap.words]
    notices.send(
        keepers_of(fault.station),
        "stations.fault_again" if again else "stations.fault",
        key=f"fault:{fault.pk}:{fault.taps.count()}:{len(taps)}",
        context={"fault": fault, "words": [tap.words for tap in taps]},
        url=reverse("stations:keep", args=[fault.station.slug]) + "#faults",
    )


def answered(fault: FacilityFault) -> None:
    """Staff wrote something to those who told of it."""
    _tell_tellers(fault, "stations.fault_answered", f"fault_answered:{fault.pk}:{fault.answer}")


def ended(fault: FacilityFault) -> None:
    """It is over."""
    _tell_tellers(fault, "stations.fault_ended", f"fault_ended:{fault.pk}")


def _tell_tellers(fault, kind, key):
    people = fault.taps.counting().exclude(user=None).values_list("user", flat=True)
    notices.send(
        list(dict.fromkeys(people)),
        kind,
        key=key[:100],
        context={"fault": fault},
        url=fault.station.get_absolute_url(),
    )
