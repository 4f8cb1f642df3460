"""Pages of two cities and a bare page, looked at in turn, so that all have the same weather."""

import os
import statistics
from dataclasses import dataclass, field

from tests.bench.pages import all_pages
from tests.bench.visit import Visitor, look

RUNS = int(os.environ.get("RUNS", "15"))
WARM_UP = 2
AGAIN = 3  # times as many looks at a page that seems to grow: chance alone lifts some of a hundred
FLOOR = "/bench/bare/"
QUERIES_MOST, GROWTH_MOST = 15, 1.2


@dataclass
class Row:
    """What was found of a page; times in milliseconds."""

    name: str
    queries: int
    size: int
    plans: dict
    floor: list[float] = field(default_factory=list)
    small: list[float] = field(default_factory=list)
    large: list[float] = field(default_factory=list)

    @property
    def times_floor(self):
        """The large city's median over the bare page's."""
        return statistics.median(self.large) / statistics.median(self.floor)

    @property
    def growth(self):
        """The large city's time over the small one's: of the quicker quarter of the looks.

        Whatever else the machine does disturbs these least.
        """
        return _quicker(self.large) / _quicker(self.small)

    @property
    def misses(self):
        """The bounds that hold for every page, as far as this one breaks them."""
        broken = []
        if self.queries > QUERIES_MOST:
            broken.append(f"{self.queries} queries")
        if self.growth > GROWTH_MOST:
            broken.append(f"grows by {self.growth:.2f}")
        if self.plans["scans"]:
            broken.append(f"reads {', '.join(self.plans['scans'])} from end to end")
        return [f"{self.name}: {words}" for words in broken]

    @property
    def p95(self):
        """What 95 of 100 looks at the large city's page take at most."""
        return sorted(self.large)[int(0.95 * len(self.large))]


def _quicker(spans):
    return statistics.quantiles(spans, n=4)[0]


def compare(small, large, only=""):
    """A `Row` for each page whose name has `only` in it; both are (city, port)."""
    pages = [all_pages(port, city.sessions) for city, port in (small, large)]
    for name, page in pages[1].items():
        if only in name and name in pages[0]:
            yield _looked_at(small, large, pages[0][name], page)


def _looked_at(small, large, page_of_small, page):
    visitors = [Visitor(port, city.sessions[page.who]) for city, port in (small, large)]
    bare = Visitor(large[1], large[0].sessions["rider"])
    headers = dict(page.headers)
    # What staff edit now and then is kept from the first look on.
    visitors[1].get(page.path, **headers)
    queries, size, plans = look(visitors[1], page.path, plans=True, **headers)
    row = Row(f"{page.who}: {page.name}", queries, size, plans)

    def look_again(times, *, keeps=True):
        for _time in range(times):
            spans = (
                (row.small, visitors[0].get(page_of_small.path, **headers).ms),
                (row.large, visitors[1].get(page.path, **headers).ms),
                (row.floor, bare.get(FLOOR).ms),
            )
            for kept, ms in spans if keeps else ():
                kept.append(ms)

    look_again(WARM_UP, keeps=False)
    look_again(RUNS)
    if row.growth > GROWTH_MOST:
        look_again(AGAIN * RUNS)
    return row
