"""What a page asked of the database, told in headers to whoever asks with `X-Bench`."""

import json
import time

from django.db import connection

from tests.plans import explained

SLOWEST = 3


class CountedMiddleware:
    """`X-Bench: count` tells the number of queries and their time; `plans` how each went about."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        wish = request.headers.get("X-Bench")
        if not wish:
            return self.get_response(request)
        asked, spans = [], []

        def note(execute, sql, params, many, context):
            began = time.perf_counter()
            try:
                return execute(sql, params, many, context)
            finally:
                spans.append(time.perf_counter() - began)
                asked.append((sql, params))

        with connection.execute_wrapper(note):
            response = self.get_response(request)
        response["X-Queries"] = str(len(asked))
        response["X-Database-Ms"] = f"{1000 * sum(spans):.1f}"
        if wish == "plans":
            response["X-Plans"] = json.dumps(_plans(asked))
        return response


def _plans(asked):
    """Tables read from end to end, and the slowest questions: milliseconds, rows, beginning."""
    found = explained([one for one in asked if one[0].lstrip().startswith("SELECT")])
    found.sort(key=lambda one: -one.ms)
    return {
        "scans": sorted({table for one in found for table in one.scans}),
        "slowest": [(round(o.ms, 1), o.rows, o.blocks, o.sql[:3000]) for o in found[:SLOWEST]],
    }
