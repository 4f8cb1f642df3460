"""`make bench`: fill two cities, look at every page of both, beside a bare page; prints a table.

    python -m tests.bench [small] [large]     1000 and 1000000 cases unless told otherwise

A city is filled anew each day, since what is due depends on the day; a second run of the same day
begins at once. RUNS, ONLY (a part of a row's name) and PLANS=1 (slowest questions) are read from
the environment.
"""

import json
import os
import sys
import time

import django
from django.conf import settings
from django.utils import timezone

RUNS = int(os.environ.get("RUNS", "15"))
ONLY = os.environ.get("ONLY", "")
FLOOR = "/bench/bare/"


def main(sizes):
    from tests.bench import serve

    server = serve.database_server()
    cities = [City(server, size) for size in sizes]
    with cities[0].web() as small, cities[-1].web() as large:
        print(
            f"{'page':36} {'queries':>7} {'floor':>7} {'small':>7} {'large':>7} {'p95':>7}"
            f" {'× floor':>7} {'growth':>6} {'bytes':>7}  scans"
        )
        compare((cities[0], small[0]), (cities[-1], large[0]))
        print("memory MB:", [round(mb) for mb in serve.memory(large[1])])


class City:
    """A filled database, its server's environment and who is logged in there."""

    def __init__(self, server, size):
        from tests.bench import serve

        self.size, self.name = size, f"bench_{size}"
        self.env = serve.environment(server, self.name)
        self._serve = serve
        note = serve.VAR / f"{self.name}.json"
        made = json.loads(note.read_text()) if note.exists() else {}
        if made.get("day") != timezone.localdate().isoformat():
            began = time.perf_counter()
            print(f"Filling {size} cases ...", flush=True)
            note.unlink(missing_ok=True)
            _anew(server, self.name)
            for arguments in (
                ["manage.py", "migrate", "-v0"],
                ["manage.py", "createcachetable"],
                ["manage.py", "collectstatic", "--noinput", "-v0"],
            ):
                serve.manage(self.env, *arguments)
            serve.manage(self.env, "-m", "tests.bench.fill", str(size), str(note))
            print(f"  made in {time.perf_counter() - began:.0f} s", flush=True)
            made = json.loads(note.read_text())
        serve.manage(self.env, "manage.py", "migrate", "-v0")
        self.sessions = {name: key for name, (_pk, key) in made["cast"].items()} | {"guest": ""}

    def web(self):
        return self._serve.web(self.env)


def _anew(server, name):
    import psycopg2

    from yuanhang.postgres.cluster import PORT

    connection = psycopg2.connect(
        host=server.socket_dir(), port=PORT, user="postgres", dbname="postgres"
    )
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{name}"')
    connection.close()


def compare(small, large):
    from tests.bench.pages import all_pages
    from tests.bench.visit import Visitor, look

    pages = [all_pages(port, city.sessions) for city, port in (small, large)]
    worst = 0
    for name, page in pages[1].items():
        if ONLY not in name or name not in pages[0]:
            continue
        visitors = [Visitor(port, city.sessions[page.who]) for city, port in (small, large)]
        both = [pages[0][name], page]
        headers = dict(page.headers)
        queries, size, plans = look(visitors[1], page.path, plans=True, **headers)
        spans = ([], [], [])
        bare = Visitor(large[1], large[0].sessions["rider"])
        for run in range(RUNS + 2):
            for spot, (visitor, path) in enumerate(
                ((visitors[0], both[0].path), (visitors[1], both[1].path), (bare, FLOOR))
            ):
                answer = visitor.get(path, **(headers if spot < 2 else {}))
                if run > 1:
                    spans[spot].append(answer.ms)
        low, high, floor = (sorted(one)[len(one) // 2] for one in spans)
        p95 = sorted(spans[1])[int(0.95 * RUNS)]
        worst = max(worst, high / low)
        print(
            f"{name:36} {queries:7} {floor:7.1f} {low:7.1f} {high:7.1f} {p95:7.1f} {high / floor:7.1f} {high / low:6.2f}"
            f" {size:7}  {' '.join(plans.get('scans', []))}",
            flush=True,
        )
        if os.environ.get("PLANS"):
            for one in plans["slowest"]:
                print("     ", *one[:3], one[3][: int(os.environ["PLANS"]) * 300])
    print(f"largest growth {worst:.2f}")


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yuanhang.settings")
    django.setup()
    sizes = [int(word) for word in sys.argv[1:]] or [1000, 1_000_000]
    os.chdir(settings.BASE_DIR)
    main(sizes)
