"""Pages of an admin list of any length: rows are counted up to a point, never all of them."""

from typing import Any

from django.core.paginator import Paginator
from django.utils.functional import cached_property

# Counting this many costs a few milliseconds; nobody leafs through more.
COUNTED_MAX = 10_000


class CappedPaginator(Paginator):
    """Counts the first ten thousand rows; `is_cut` says that there are more, which are searched."""

    # Of the rows in order: Django's list hands them over as a QuerySet.
    object_list: Any

    @cached_property
    def _found(self) -> int:
        first = self.object_list.order_by()[: COUNTED_MAX + 1]
        return int(first.count())

    @cached_property
    def count(self) -> int:
        """How many rows the pages hold."""
        return min(self._found, COUNTED_MAX)

    @property
    def is_cut(self) -> bool:
        """Whether there are rows that no page shows."""
        return self._found > COUNTED_MAX
