"""What riders are told of the road."""

from collections.abc import Collection
from datetime import date

from django.urls import reverse

from hazards.cases.models.hazards import Hazard
from stations.areas import landmarks
from stations.areas.models import Grid
from yuanhang.core.outbox import notices


def tell_of_roads(people: Collection[int], grid: Grid, cases: list[Hazard], day: date) -> None:
    """One notice each: the kind and the place of the newest, and how many more there are.

    A place is told by a landmark's name or by the grid: a reporter's own words go to nobody.
    """
    newest = cases[0]
    where = newest.place if newest.place in set(landmarks.names()) else str(grid)
    notices.send(
        list(people),
        "hazards.road",
        key=f"road:{grid.pk}:{day.isoformat()}",
        context={"category": newest.category, "where": where, "more": len(cases) - 1},
        url=reverse("roads:roads"),
    )
