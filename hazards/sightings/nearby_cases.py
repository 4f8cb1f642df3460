"""The open cases that passers-by are asked about, by place."""

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from hazards.cases.models.hazards import REOPEN_WITHIN, Hazard
from hazards.cases.states import OPEN_STATES, State
from stations.areas.models import Community, Landmark, Subdistrict
from stations.postings.access import scope_of
from workers.access import worker_of


def open_to_sightings():
    """Cases that a passer-by may speak of: about things, and open or closed within 30 days."""
    since = timezone.now() - REOPEN_WITHIN
    recent = Q(state=State.CLOSED, closed_at__gte=since)
    return Hazard.objects.filter(Q(state__in=OPEN_STATES) | recent, category__ask_passers_by=True)


def nearby_cases(user):
    """Those of the subdistricts that the user rides or serves in, else of the home community's.

    Only what strangers can be told a place of: a point, a grid, or the name of a landmark.
    Nobody can look at what lies nowhere, and a reporter's own words are told to nobody.
    """
    # The keys first: the few open and lately closed ones, each found by its own index, and not
    # the whole subdistrict's past read backwards until a page is full.
    named = Exists(Landmark.objects.filter(name=OuterRef("place")))
    placed = Q(latitude__isnull=False) | Q(grid__isnull=False) | named
    of_here = open_to_sightings().filter(placed, subdistrict__in=_subdistricts(user))
    return Hazard.objects.filter(pk__in=of_here.values("pk")).order_by("-id")


def _subdistricts(user):
    worker, scope = worker_of(user), scope_of(user)
    if worker is not None:
        return [worker.community.subdistrict_id]
    if scope:
        held = Q(pk__in=scope.subdistricts) | Q(communities__in=scope.communities)
        held |= Q(communities__grids__in=scope.grids)
        found = set(Subdistrict.objects.filter(held).values_list("pk", flat=True))
        if found:
            return sorted(found)
    home = Community.objects.home()
    return [home.subdistrict_id] if home else []
