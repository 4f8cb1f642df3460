"""What the page of a running search shows: the photo, and the grids with who looked when."""

from dataclasses import dataclass

from stations.streets.drawing import DrawnGround
from volunteers.searches import searches
from volunteers.searches.grid_map import WIDTH, Patch, grid_map_of
from volunteers.searches.models import SearchNotice, SearchPhoto
from yuanhang.core.models import User


@dataclass(frozen=True, kw_only=True)
class SearchPage:
    """A running search for one person.

    `patches` are the grids on a drawing of `width` by `height` SVG units, over the `ground`;
    `own_marks` the primary keys of the grids that this person marked so lately that they may take
    it back.
    """

    photo: SearchPhoto | None
    patches: list[Patch]
    ground: DrawnGround
    width: int
    height: int
    own_marks: set[int]

    @property
    def gaps(self) -> int:
        """Grids in which nobody looked yet."""
        return sum(patch.seen_at is None for patch in self.patches)


def search_page_of(notice: SearchNotice, user: User) -> SearchPage:
    """The page; five queries."""
    latest = notice.areas.order_by("grid", "-at").distinct("grid")
    grids = list(notice.community.grids.order_by("number"))
    drawn = grid_map_of(grids, dict(latest.values_list("grid", "at")))
    fresh = searches.own_fresh_marks(notice, by=user)
    return SearchPage(
        photo=getattr(notice, "photo", None),
        patches=drawn.patches,
        ground=drawn.ground,
        width=WIDTH,
        height=drawn.height,
        own_marks=set(fresh.values_list("grid", flat=True)),
    )
