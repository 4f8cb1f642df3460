"""What the page of a page shows."""

from dataclasses import dataclass

from stations.areas.models import Community
from stations.houses import kept_stations
from stations.houses.models import EmergencyNumber, Station
from stations.pages.load_pages import ACCESSIBILITY, RIGHTS
from stations.pages.models import Page
from stations.pages.page_text import Block, blocks_of, numbers_in


@dataclass(frozen=True)
class PageView:
    """The page in blocks, the numbers it names with what each is for, and whom to ask."""

    page: Page
    blocks: list[Block]
    numbers: list[EmergencyNumber]
    community: Community | None
    desk: Station | None
    asks_for_word: bool


def view_of(page: Page) -> PageView:
    """The view of a page; two queries at most."""
    known = {row.number: row for row in EmergencyNumber.objects.all()}
    blocks = blocks_of(page.text, known)
    named = numbers_in([*blocks_of(page.title, known), *blocks])
    numbers = [known[number] for number in named if number in known]
    asks = page.slug == ACCESSIBILITY
    return PageView(
        page=page,
        blocks=blocks,
        numbers=numbers if page.is_card or page.slug == RIGHTS else [],
        community=Community.objects.home() if page.is_card else None,
        desk=_desk() if asks else None,
        asks_for_word=asks,
    )


def _desk():
    """The first station with a telephone, for those who cannot use the site."""
    rows = kept_stations.listed()
    return next((r for r in rows if r.kind == Station.Kind.STATION and r.desk_phone), None)
