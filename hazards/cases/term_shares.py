"""How common a search term is among all cases, as PostgreSQL's statistics tell it."""

import time
from collections.abc import Iterable

from django.db import connection

KEPT_SECONDS = 600
# From so large a share on, a page of hits lies among a few thousand of the newest cases.
COMMON = 0.01

_kept: tuple[float, dict[str, float]] = (0.0, {})


def are_common(terms: Iterable[str]) -> bool:
    """Whether every one of the terms is in at least one case of a hundred.

    Terms that the statistics do not know are rare; so is everything before the first ANALYZE. The
    statistics are asked for once in ten minutes a process.
    """
    global _kept
    now = time.monotonic()
    if now > _kept[0]:
        _kept = (now + KEPT_SECONDS, _shares())
    return all(_kept[1].get(term, 0.0) >= COMMON for term in terms)


def _shares() -> dict[str, float]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT most_common_elems::text::text[], most_common_elem_freqs FROM pg_stats"
            " WHERE schemaname = current_schema() AND tablename = 'hazards_hazard'"
            " AND attname = 'search'"
        )
        found = cursor.fetchone()
    # Behind the shares of the elements stand three numbers about all of them.
    return dict(zip(found[0], found[1], strict=False)) if found and found[0] else {}
