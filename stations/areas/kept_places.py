"""The communities of a subdistrict and their grids, as each process keeps them."""

from django.db.models import Prefetch

from stations.areas.models import Community, Grid
from yuanhang.core.kept_answers import kept


@kept("stations_community", "stations_grid")
def communities_of(subdistrict_id: int) -> tuple[Community, ...]:
    """The communities of a subdistrict in the order they were made, each with grids by number."""
    rows = Community.objects.filter(subdistrict_id=subdistrict_id).order_by("pk")
    grids = Prefetch("grids", Grid.objects.order_by("number"))
    return tuple(rows.prefetch_related(grids))


@kept("stations_community")
def home() -> Community | None:
    """The community that reports without any place go to; kept until one changes."""
    return Community.objects.home()
