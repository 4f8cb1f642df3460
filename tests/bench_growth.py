"""`make bench`: the pages of cases with 1,000 and with 100,000 of them, one after the other.

Not part of the suite: it takes minutes, and what it prints is for reading. COUNTS="1000 20000"
in the environment chooses other sizes.
"""

import os
import statistics
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from hazards.cases.models.hazards import Hazard
from hazards.cases.states import State
from tests.factories.crowd import crowd
from tests.plans import explained, questions

COUNTS = [int(word) for word in os.environ.get("COUNTS", "1000 100000").split()]
RUNS = 15
SLOW_MS = 5


def pages(town, people, visit):
    """(who, name, address) of every page looked at; deep pages are found by walking."""
    queue = "/hazards/queue/"
    filters = {
        "todo": "",
        "due": "?tab=due",
        "verify": "?tab=verify",
        "open": "?tab=open",
        "all": "?tab=all",
        "all suspended": "?tab=all&state=suspended",
        "all closed": "?tab=all&state=closed",
        "all category": "?tab=all&category=ice",
        "all today": "?tab=all&period=1",
        "all 90 days": "?tab=all&period=90",
        "all one grid": f"?tab=all&grid={town.six.pk}",
        "two characters": "?tab=all&q=井盖",
        "one character": "?tab=all&q=井",
        "nothing found": "?tab=all&q=火星",
        "number": f"?tab=all&q={Hazard.objects.order_by('pk')[7].number}",
        "todo words": "?q=井盖",
        "verify category": "?tab=verify&category=ice",
    }
    case = Hazard.objects.open().filter(grid=town.six).latest("pk")
    closed = Hazard.objects.filter(grid=town.six, state=State.CLOSED).latest("pk")
    for role in ("grid_worker", "staff", "officer"):
        user = getattr(town, role)
        for name, query in filters.items():
            yield user, f"{role} queue {name}", queue + query
        for tab in ("todo", "open", "all"):
            cursor = deep(visit(user), f"{queue}?tab={tab}")
            yield user, f"{role} queue {tab}, deep", f"{queue}?tab={tab}&after={cursor}"
        yield user, f"{role} case open", case.get_absolute_url()
        yield user, f"{role} case closed", closed.get_absolute_url()
        yield user, f"{role} map", "/hazards/map/"
        yield user, f"{role} home", "/"
        yield user, f"{role} export", queue + "export/?tab=todo"
    rider = people[-1]
    yield rider, "rider mine", "/hazards/mine/"
    cursor = deep(visit(rider), "/hazards/mine/", key="before", steps=40)
    yield rider, "rider mine, deep", f"/hazards/mine/?before={cursor}"
    last = Hazard.objects.filter(reporter=rider).latest("pk")
    yield rider, "rider case", last.get_absolute_url()
    yield None, "receipt", last.get_receipt_url()
    yield None, "fixed", "/hazards/fixed/"
    last_month = timezone.localdate().replace(day=1) - timedelta(days=1)
    yield None, "fixed, last month", f"/hazards/fixed/?month={last_month:%Y-%m}"


def deep(client, address, *, key="after", steps=20):
    """The cursor of a page far down."""
    cursor, joint = "", "&" if "?" in address else "?"
    for _step in range(steps):
        following = client.get(f"{address}{joint}{key}={cursor}").context["following"]
        if not following:
            break
        cursor = following
    return cursor


@pytest.mark.parametrize("count", COUNTS)
def test_bench(town, visit, count):
    start = time.perf_counter()
    people = crowd(town, count)
    print(f"\n{count} cases, made in {time.perf_counter() - start:.1f} s")
    print(f"{'page':34} {'queries':>7} {'median ms':>9} {'rows':>6} {'blocks':>6}  worst query")
    for user, name, address in list(pages(town, people, visit)):
        client = visit(user)
        with questions() as asked:
            assert client.get(address).status_code == 200, name
        before = len(connection.queries_log)
        connection.force_debug_cursor = True
        client.get(address)
        queries = len(connection.queries_log) - before
        connection.force_debug_cursor = False
        spans = []
        for _run in range(RUNS):
            began = time.perf_counter()
            client.get(address)
            spans.append(1000 * (time.perf_counter() - began))
        found = explained(asked)
        worst = max(found, key=lambda one: one.ms)
        scans = sorted({table for one in found for table in one.scans})
        print(
            f"{name:34} {queries:7} {statistics.median(spans):9.1f} {sum(o.rows for o in found):6}"
            f" {sum(o.blocks for o in found):6}  {worst.ms:6.2f} ms"
            f" sorted {max(o.sorted_rows for o in found)} {' '.join(scans)}"
        )
