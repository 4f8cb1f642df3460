"""Which neighbours are asked: confirmed workers of the grid who said yes, at their hours."""

from datetime import datetime

from django.db.models import Exists, OuterRef
from django.utils import timezone

from workers.help.models import HelpRequest
from workers.models import Consent, Worker

HelpTime = Worker.HelpTime
# From which hour of the local day each span runs; before the first it is still night.
FROM_HOUR = (
    (6, HelpTime.MORNING),
    (10, HelpTime.NOON),
    (14, HelpTime.AFTERNOON),
    (17, HelpTime.EVENING),
    (21, HelpTime.NIGHT),
)
# Of one call so many are asked at most, the longest registered first: a whole town needs not come.
ASKED_MAX = 50


def time_of(moment: datetime) -> str:
    """The span of the day that a moment lies in, by the local clock."""
    hour, found = timezone.localtime(moment).hour, HelpTime.NIGHT
    for start, span in FROM_HOUR:
        if hour >= start:
            found = span
    return found


def neighbours_of(request: HelpRequest) -> list[int]:
    """Keys of the accounts to ask now; none where the request is for keepers alone. One query."""
    if not request.asks_neighbours:
        return []
    willing = Consent.objects.in_force().filter(
        worker=OuterRef("pk"), purpose=Consent.Purpose.HELP_TIMES
    )
    rows = Worker.objects.filter(
        Exists(willing),
        confirmed_at__isnull=False,
        user__is_active=True,
        usual_grids=request.grid_id,
        help_times__contains=[time_of(timezone.now())],
    )
    keys = rows.exclude(user=request.asker_id).order_by("pk").values_list("user", flat=True)
    return list(keys[:ASKED_MAX])
