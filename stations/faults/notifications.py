"""Who hears of a fault: the keepers of its station, and those with an account who told of it."""

from django.urls import reverse
from django.utils import timezone

from stations.faults.models import FacilityFault
from stations.keeping.notifications import keepers_of
from yuanhang.core.outbox import notices


def told(fault: FacilityFault, *, again: bool) -> None:
    """Somebody said so. Their words stand on the keeper's page alone: there they are hidden, and go
    in time, which a notice that was sent does not."""
    notices.send(
        keepers_of(fault.station),
        "stations.fault_again" if again else "stations.fault",
        key=f"fault:{fault.pk}:{timezone.now().isoformat()}",
        context={"fault": fault},
        url=reverse("stations:keep", args=[fault.station.slug]) + "#faults",
    )


def answered(fault: FacilityFault) -> None:
    """Staff wrote something to those who told of it."""
    when = timezone.now().isoformat()
    _tell_tellers(fault, "stations.fault_answered", f"fault_answered:{fault.pk}:{when}")


def ended(fault: FacilityFault) -> None:
    """It is over."""
    _tell_tellers(fault, "stations.fault_ended", f"fault_ended:{fault.pk}")


def _tell_tellers(fault, kind, key):
    people = fault.taps.counting().exclude(user=None).values_list("user", flat=True)
    notices.send(
        list(dict.fromkeys(people)),
        kind,
        key=key,
        context={"fault": fault},
        url=fault.station.get_absolute_url(),
    )
