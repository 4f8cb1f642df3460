"""Road warnings (路况): open cases that matter on two wheels, for those who ride there.

Public, so nothing of the reporter is in them: `published.public` says what strangers may know. A
warning ends by itself: with its case, when two people say that it is gone, and when nobody has said
for long that it is still there.
"""

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta

from django.db.models import Count, F, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from hazards.cases.models.hazards import Hazard
from hazards.cases.states import OPEN_STATES, State
from hazards.catalogue.models import Category, kept_categories
from hazards.roads.models import RoadLine
from hazards.sightings.models import Sighting
from stations.areas import kept_places
from stations.areas.models import Grid
from stations.postings.access import Viewer
from workers.access import worker_of
from yuanhang.core.kept_answers import kept

# So many different people saying 没了, and the warning is not told on.
GONE_BY = 2
# A page shows so many: more would be read by nobody.
SHOWN_MAX = 40
LINES_MAX = 5
# Longer ago than this no report is a warning, whatever was said of it since.
OLDEST = timedelta(days=60)
# Reported, and not yet looked at.
UNREAD = (State.SUBMITTED, State.NEEDS_INFO)


def warning_categories() -> list[Category]:
    """The categories that staff chose for warnings."""
    return [row for row in kept_categories() if row.warns_riders]


def warnings_in(grids: Collection[int], now: datetime | None = None) -> QuerySet[Hazard]:
    """The cases of these grids that riders are warned of now, newest first; one query.

    Each has `heard_at`, when somebody last said that it is there.
    """
    now = now or timezone.now()
    standing = [state for state in OPEN_STATES if state != State.FIXED]
    rows = Hazard.objects.filter(grid__in=grids, state__in=standing, submitted_at__gt=now - OLDEST)
    said = Sighting.objects.filter(
        hazard=OuterRef("pk"), reopened=OuterRef("reopened"), after_closing=False
    ).order_by()
    still = said.filter(says=Sighting.Says.STILL).values("hazard")
    gone = said.filter(says=Sighting.Says.GONE).values("hazard")
    rows = rows.annotate(
        still_at=Subquery(still.annotate(at=Max("at")).values("at")),
        gone_at=Subquery(gone.annotate(at=Max("at")).values("at")),
        gone_count=Coalesce(Subquery(gone.annotate(n=Count("pk")).values("n")), 0),
        heard_at=Greatest("submitted_at", "accepted_at", "still_at"),
    )
    believed = Q(gone_count__lt=GONE_BY) | Q(still_at__gt=F("gone_at"))
    return rows.filter(believed, _told(now)).order_by("-id")


def _told(now):
    """Which categories, from which state on, and for how long after the last word."""
    told = Q(pk__in=[])
    for category in warning_categories():
        since = now - timedelta(hours=category.warns_hours)
        own = Q(category=category.pk, heard_at__gt=since)
        if category.warns_riders == Category.Warns.ACCEPTED:
            own &= ~Q(state__in=UNREAD)
        told |= own
    return told


def lines_of(communities: Iterable[int]) -> list[RoadLine]:
    """What staff wrote of today and tomorrow for these communities."""
    today = timezone.localdate()
    return [line for pk in communities for line in kept_lines(pk, today)]


@kept("hazards_roadline")
def kept_lines(community_id: int, today: date) -> tuple[RoadLine, ...]:
    """A community's lines of today and tomorrow; kept until one changes."""
    rows = RoadLine.objects.filter(community=community_id, last_day__gte=today)
    return tuple(rows.filter(first_day__lte=today + timedelta(days=1))[:LINES_MAX])


def grids_for(user: Viewer) -> tuple[list[int], list[int], bool]:
    """(grids, communities, whether some of the grids are the person's own): the usual ones of a
    registered worker, and those around the station; two queries at most.

    A guest meets the ground of the home community.
    """
    worker = worker_of(user)
    home = worker.community if worker else kept_places.home()
    if home is None:
        return [], [], False
    here = Q(community=home)
    own = Q(usual_workers=worker) if worker else Q(pk__in=[])
    rows = Grid.objects.filter(here | own).distinct().values_list("pk", "community_id")
    usual = set(worker.usual_grids.values_list("pk", flat=True)) if worker else set()
    found = list(rows)
    return [pk for pk, _of in found], sorted({of for _pk, of in found}), bool(usual)
