"""Which gate lets an e-bike in now, and until when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from math import inf

from django.utils import timezone
from django.utils.translation import gettext as _

from stations.estates.facts import HOLDS_FOR
from stations.estates.models import FactVersion
from stations.houses import opening
from stations.houses.opening import Opening
from yuanhang.core import geo
from yuanhang.core.words import until

OPEN, UNKNOWN, CLOSED = "open", "unknown", "closed"
Bikes = FactVersion.Bikes


@dataclass(frozen=True)
class Gate:
    """A gate as it is at a moment: `state` for an e-bike, and `till` in words (到 22:00)."""

    version: FactVersion
    state: str
    till: str

    @property
    def rank(self) -> int:
        """The one to take comes first: open, then nobody knows, then closed."""
        return (OPEN, UNKNOWN, CLOSED).index(self.state)

    @property
    def fact(self) -> str:
        """「北门 · 到 22:00」, in one line of a phone in large type."""
        return _("%(gate)s · %(till)s") % {"gate": self.version.name, "till": self.till}


def is_old(version: FactVersion, now: datetime | None = None) -> bool:
    """Whether nobody confirmed it for too long; each fact counts by itself."""
    return (now or timezone.now()) - version.sure_at >= HOLDS_FOR


def opening_of(version: FactVersion, now: datetime | None = None) -> Opening | None:
    """Open or not by its hours, None where nobody wrote them."""
    if version.opens is None or version.closes is None:
        return None
    rules = tuple((day, version.opens, version.closes) for day in range(7))
    return opening.opening(timezone.localtime(now), opening.Week(rules, "usual"))


def gate_of(version: FactVersion, now: datetime | None = None) -> Gate:
    """The gate of a version that lets e-bikes in."""
    found = opening_of(version, now)
    if found is None:
        return Gate(version, UNKNOWN, _("几点关没写"))
    if found.is_open:
        till = _("到 %(time)s") % {"time": until(found.moment)} if found.moment else _("全天")
        return Gate(version, OPEN, till)
    return Gate(version, CLOSED, _("%(time)s 开") % {"time": until(found.moment)})


def gate_for(
    versions: Iterable[FactVersion],
    *,
    building: str = "",
    where: tuple[float, float] | None = None,
    now: datetime | None = None,
) -> Gate | None:
    """The gate for an e-bike now, of versions of gates that are shown; None where nobody knows.

    Those near to a building come first, if they are open: by what somebody wrote, then by how far
    they lie from `where` it stands (latitude and longitude). What is out of date nobody tells.
    """
    found = [
        gate_of(version, now)
        for version in versions
        if version.bikes == Bikes.IN and not is_old(version, now)
    ]

    def order(gate: Gate) -> tuple[int, bool, float, int]:
        is_named = building in gate.version.buildings
        return gate.rank, not is_named, metres_to(gate.version, where) or inf, gate.version.pk

    return min(found, key=order, default=None)


def metres_to(version: FactVersion, where: tuple[float, float] | None) -> float | None:
    """From a gate to a point as the crow flies; None where either is not known."""
    if where is None or not version.has_point:
        return None
    return geo.distance(version.latitude, version.longitude, *where)
