"""`make bench`: fill two cities, look at every page of both, beside a bare page; prints a table.

    python -m tests.bench [small] [large]     1,000 and 1,000,000 cases unless told otherwise

A city is filled anew each day, since what is due depends on the day; a second run of the same day
begins at once. The environment may say RUNS (looks at each page), ONLY (a part of a row's name),
PLANS=1 (the slowest questions of each page) and WRITE=1 (keep the table in tests/bench/README.md).
"""

import os
import sys

import django
from django.conf import settings


def main(sizes):
    # Django is set up by now.
    from tests.bench.cities import City
    from tests.bench.compared import compare
    from tests.bench.serve import database_server, memory
    from tests.bench.table import Table

    server = database_server()
    small, large = City(server, sizes[0]), City(server, sizes[-1])
    table = Table(sizes[0], sizes[-1])
    with small.web() as first, large.web() as second:
        resting = memory(second[1])
        for row in compare((small, first[0]), (large, second[0]), os.environ.get("ONLY", "")):
            table.add(row)
        table.end(resting, memory(second[1]))
    if os.environ.get("WRITE"):
        table.keep()
    if misses := [words for row in table.rows for words in row.misses]:
        print("\nWhat no page may:", *misses, sep="\n  ")
        sys.exit(1)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yuanhang.settings")
    django.setup()
    os.chdir(settings.BASE_DIR)
    main([int(word) for word in sys.argv[1:]] or [1000, 1_000_000])
