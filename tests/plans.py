"""How PostgreSQL goes about the questions of a page: the plans, and the rows they touch."""

import json
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection

from tests.factories.crowd import GROWING


@dataclass(frozen=True)
class Asked:
    """One question: its text, its milliseconds, rows looked at in growing tables, seq scans."""

    sql: str
    ms: float
    rows: int
    blocks: int
    scans: tuple
    sorted_rows: int
    tree: dict


@contextmanager
def questions():
    """Collects (sql, params) of every SELECT asked inside."""
    asked = []

    def keep(execute, sql, params, many, context):
        if sql.lstrip().startswith("SELECT"):
            asked.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(keep):
        yield asked


def explained(asked):
    """The `Asked` of each question, by running it once more."""
    return [_explain(sql, params) for sql, params in asked]


def _explain(sql, params):
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}", params)
        found = cursor.fetchone()[0]
    found = json.loads(found) if isinstance(found, str) else found
    top = found[0]["Plan"]
    nodes = list(_nodes(top))
    on_growing = [n for n in nodes if n.get("Relation Name") in GROWING]
    return Asked(
        sql=sql,
        ms=found[0]["Execution Time"],
        rows=sum(_touched(node) for node in on_growing),
        blocks=top.get("Shared Hit Blocks", 0) + top.get("Shared Read Blocks", 0),
        scans=tuple(n["Relation Name"] for n in on_growing if n["Node Type"] == "Seq Scan"),
        sorted_rows=max((_input(n) for n in nodes if "Sort" in n["Node Type"]), default=0),
        tree=top,
    )


def _nodes(node):
    yield node
    for child in node.get("Plans", ()):
        yield from _nodes(child)


def _touched(node):
    """Rows a scan looked at, those it threw away included."""
    thrown = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
    return round((node["Actual Rows"] + thrown) * node["Actual Loops"])


def _input(node):
    return round(sum(c["Actual Rows"] * c["Actual Loops"] for c in node.get("Plans", ())))
