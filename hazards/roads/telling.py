"""One word a grid and day to those who ride there and asked for it."""

from collections import defaultdict
from datetime import timedelta

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from hazards.cases.models.hazards import Hazard
from hazards.catalogue.models import Category, Urgency
from hazards.roads import notifications
from hazards.roads.models import RoadTold
from hazards.roads.roads import warning_categories, warnings_in
from stations.areas.models import Grid
from workers.models import Worker
from yuanhang.core.erasures import erasures
from yuanhang.core.quiet_hours import quiet_until

# What appeared longer ago is no news, whenever the riders of its grid were told last.
NEWS_FOR = timedelta(hours=24)
KEPT_FOR = timedelta(days=30)


def tell() -> int:
    """Tell the riders of each grid with news; returns how many grids.

    At meal peaks and at night only of what is urgent: the rest waits for their end.
    """
    now, day = timezone.now(), timezone.localdate()
    erasures.delete(RoadTold.objects.filter(day__lt=day - KEPT_FOR))
    is_quiet = quiet_until(now) is not None
    count = 0
    for grid, cases in _news(now, day).items():
        if is_quiet and not any(case.urgency == Urgency.URGENT for case in cases):
            continue
        count += _tell_grid(grid, cases, day)
    return count


def _news(now, day):
    """{grid: the warnings that appeared since its riders were told last}."""
    wanted = set(_subscribers().values_list("usual_grids", flat=True)) - {None}
    told = RoadTold.objects.filter(grid__in=wanted)
    last = dict(told.values_list("grid").annotate(at=Max("at")))
    today = set(told.filter(day=day).values_list("grid", flat=True))
    at_once = {row.pk for row in warning_categories() if row.warns_riders == Category.Warns.AT_ONCE}
    found = defaultdict(list)
    rows = warnings_in(wanted - today, now).filter(submitted_at__gt=now - 3 * NEWS_FOR)
    for case in rows.select_related("grid"):
        appeared = case.submitted_at if case.category_id in at_once else case.accepted_at
        since = max(last.get(case.grid_id, now - NEWS_FOR), now - NEWS_FOR)
        if appeared and appeared > since:
            found[case.grid].append(case)
    return found


def _subscribers():
    return Worker.objects.filter(wants_road_notices=True, user__is_active=True)


@transaction.atomic
def _tell_grid(grid: Grid, cases: list[Hazard], day) -> int:
    """1, or 0 where another run of the job was faster."""
    _row, is_new = RoadTold.objects.get_or_create(
        grid=grid, day=day, defaults={"at": timezone.now()}
    )
    if not is_new:
        return 0
    people = _subscribers().filter(usual_grids=grid).values_list("user_id", flat=True)
    notifications.tell_of_roads(list(people), grid, cases, day)
    return 1
