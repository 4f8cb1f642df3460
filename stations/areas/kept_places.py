"""The communities of a subdistrict and their grids, as each process keeps them."""

from dataclasses import dataclass, field

from django.db.models import Prefetch

from stations.areas.models import Community, Grid
from yuanhang.core.kept_answers import kept


@dataclass(frozen=True)
class Places:
    """What lies in one subdistrict: communities in the order they were made, each with its grids
    by number; and both by primary key."""

    communities: tuple[Community, ...] = ()
    community_of: dict[int, Community] = field(default_factory=dict)
    grid_of: dict[int, Grid] = field(default_factory=dict)


@kept("stations_community", "stations_grid")
def places_of(subdistrict_id: int) -> Places:
    """The `Places` of a subdistrict; kept until a community or a grid changes."""
    rows = Community.objects.filter(subdistrict_id=subdistrict_id).order_by("pk")
    grids = Prefetch("grids", Grid.objects.order_by("number"))
    found = tuple(rows.prefetch_related(grids))
    return Places(
        communities=found,
        community_of={row.pk: row for row in found},
        grid_of={grid.pk: grid for row in found for grid in row.grids.all()},
    )
